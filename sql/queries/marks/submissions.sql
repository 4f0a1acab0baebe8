-- Purpose: which row versions of submissions have been checked before, and which are to be checked now. Placeholder: the source's table.
-- Parameters: $1 the last block before, $2 the last one now. Columns: read_rows, read_mark, new_rows, new_mark. Locks: none.
-- xmin is a number only through age, which counts from a transaction of now; it is counted from transaction 3 here.
SELECT count(*) FILTER (WHERE m.block_number <= $1) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $1) AS read_mark,
       count(*) FILTER (WHERE m.block_number <= $2) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $2) AS new_mark
FROM (
    SELECT e.block_number,
           hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32)) AS mark
    FROM {source} e
) m
