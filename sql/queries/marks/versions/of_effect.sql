-- Purpose: which row versions events that take effect in a later block come from, in one pass. Placeholder: the source's table.
-- Parameters: $1 and $2 days, in order. Columns: early_rows and early_mark (before $1), late_rows and late_mark (from $1 on, before $2), first_block (the lowest
-- block of rows from the day before $1 on), blockless (rows whose own block is not there, or that should be in effect by a block that is not there).
-- Locks: none. Blocks are looked up one by one: joins walk all of them. A row that is to take effect in a later block, which is not there yet, is of no day so far.
-- xmin is a number only through age, which counts from a transaction of now; it is counted from transaction 3 here.
SELECT count(*) FILTER (WHERE v.at < $1::date::timestamp) AS early_rows, bit_xor(v.mark) FILTER (WHERE v.at < $1::date::timestamp) AS early_mark,
       count(*) FILTER (WHERE v.at >= $1::date::timestamp AND v.at < $2::date::timestamp) AS late_rows,
       bit_xor(v.mark) FILTER (WHERE v.at >= $1::date::timestamp AND v.at < $2::date::timestamp) AS late_mark,
       min(v.block_number) FILTER (WHERE v.at >= $1::date::timestamp - interval '1 day' OR v.at IS NULL)::bigint AS first_block,
       count(*) FILTER (WHERE v.own_block IS NULL OR (v.at IS NULL AND v.effective_block <= v.block_number)) AS blockless
FROM (
    SELECT b.block_time AS at, e.block_number, coalesce(e.effective_block, e.block_number) AS effective_block, o.number AS own_block,
           -- A hash of nothing is nothing: a row without its own block counts with its other versions.
           coalesce(hashtidextended(o.ctid, w.mark # ((((SELECT age('3'::xid)::bigint) - age(o.xmin)) & 4294967295) + (o.tableoid::bigint << 32))), w.mark) AS mark
    FROM {source} e
    LEFT JOIN LATERAL (
        SELECT b.number, b.block_time, b.tableoid, b.ctid, b.xmin FROM blocks b WHERE b.number = coalesce(e.effective_block, e.block_number)
        OFFSET 0
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT o.number, o.tableoid, o.ctid, o.xmin FROM blocks o WHERE o.number = e.block_number
        OFFSET 0
    ) o ON true
    CROSS JOIN LATERAL (
        SELECT hashtidextended(b.ctid, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32))
                                       # ((((SELECT age('3'::xid)::bigint) - age(b.xmin)) & 4294967295) + (b.tableoid::bigint << 32))) AS mark
    ) w
) v
