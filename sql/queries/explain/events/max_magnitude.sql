-- Purpose: the event behind a max magnitude on a snapshot (spec/02 §6): the last up to the end of the day; without one it is 10^18. Parameters: $1 snapshot, $2 cutoff, $3 operator, $4 strategy. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT 'max magnitude ' || e.max_magnitude AS detail, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM operator_max_magnitudes e JOIN blocks b ON b.number = e.block_number
WHERE e.operator = $3 AND e.strategy = $4 AND b.block_time < least($1::date + 1, $2::date)
ORDER BY b.block_time::date DESC, e.block_number DESC, e.log_index DESC LIMIT 1
