-- Purpose: which row versions events that are activated later than their block come from, in one pass. Placeholder: the source's table.
-- Parameters: $1 and $2 days, in order. Columns: early_rows and early_mark (before $1), late_rows and late_mark (from $1 on, before $2), first_block (the lowest
-- block of rows from the day before $1 on), blockless (rows whose block is not there). Locks: none. Blocks are looked up one by one:
-- joins walk all of them.
-- xmin is a number only through age, which counts from a transaction of now; it is counted from transaction 3 here.
SELECT count(*) FILTER (WHERE v.at < $1::date::timestamp) AS early_rows, bit_xor(v.mark) FILTER (WHERE v.at < $1::date::timestamp) AS early_mark,
       count(*) FILTER (WHERE v.at >= $1::date::timestamp AND v.at < $2::date::timestamp) AS late_rows,
       bit_xor(v.mark) FILTER (WHERE v.at >= $1::date::timestamp AND v.at < $2::date::timestamp) AS late_mark,
       min(v.block_number) FILTER (WHERE v.at >= $1::date::timestamp - interval '1 day' OR v.at IS NULL)::bigint AS first_block,
       count(*) FILTER (WHERE v.at IS NULL) AS blockless
FROM (
    SELECT CASE WHEN b.number IS NOT NULL THEN e.activated_at END AS at, e.block_number,
           hashtidextended(b.ctid, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32))
                                   # ((((SELECT age('3'::xid)::bigint) - age(b.xmin)) & 4294967295) + (b.tableoid::bigint << 32))) AS mark
    FROM {source} e
    LEFT JOIN LATERAL (
        SELECT b.number, b.block_time, b.tableoid, b.ctid, b.xmin FROM blocks b WHERE b.number = e.block_number
        OFFSET 0
    ) b ON true
) v
