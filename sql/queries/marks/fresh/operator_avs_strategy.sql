-- Purpose: which row versions the events of operator_avs_strategy from a day on and before another come from. Parameters: $1 and $2 the days.
-- Columns: versions, mark, first_block (the lowest block of rows from the day before on), blockless (rows whose block is not
-- there). Locks: none.
SELECT count(*) FILTER (WHERE e.block_time >= $1::date AND e.block_time < $2::date) AS versions,
       bit_xor(hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin), 0))
           FILTER (WHERE e.block_time >= $1::date AND e.block_time < $2::date) AS mark,
       min(e.block_number)::bigint AS first_block, 0::bigint AS blockless
FROM operator_restaked_strategies e
WHERE e.block_time >= $1::date - 1
