-- Purpose: which row versions the events of default_operator_split from a day on and before another come from. Parameters: $1 and $2 the days.
-- Columns: versions, mark, first_block (the lowest block of rows from the day before on), blockless (rows whose block is not
-- there). Locks: none.
SELECT count(*) FILTER (WHERE b.block_time >= $1::date AND b.block_time < $2::date) AS versions,
       bit_xor(hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin, b.tableoid, b.ctid, b.xmin), 0))
           FILTER (WHERE b.block_time >= $1::date AND b.block_time < $2::date) AS mark,
       min(e.block_number)::bigint AS first_block, count(*) FILTER (WHERE b.number IS NULL) AS blockless
FROM default_operator_splits e
LEFT JOIN blocks b ON b.number = e.block_number
WHERE b.block_time >= $1::date - 1 OR b.number IS NULL
