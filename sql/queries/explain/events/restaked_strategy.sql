-- Purpose: the event behind a restaked strategy on a snapshot (spec/02 §5, Q14): the last sample of the day and of the day before; a call, no log. Parameters: $1 snapshot, $2 cutoff (not looked at), $3 operator, $4 AVS, $5 strategy, $6 AVS directory. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT DISTINCT ON (e.block_time::date) 'sampled' AS detail, e.block_number, e.block_time, NULL::text AS transaction_hash,
       NULL::bigint AS log_index
FROM operator_restaked_strategies e
WHERE lower(e.operator) = $3 AND lower(e.avs) = $4 AND lower(e.strategy) = $5 AND lower(e.avs_directory_address) = $6
  AND e.block_time >= $1::date - 1 AND e.block_time < $1::date + 1 AND $2::date IS NOT NULL
ORDER BY e.block_time::date, e.block_time DESC
