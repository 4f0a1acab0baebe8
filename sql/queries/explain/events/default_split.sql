-- Purpose: the event behind the default split on a snapshot (spec/02 §3): the last before the day. Parameters: $1 snapshot, $2 cutoff. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT 'set to ' || e.new_default_operator_split_bips || ' bips' AS detail, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM default_operator_splits e JOIN blocks b ON b.number = e.block_number
WHERE b.block_time < least($1::date, $2::date)
ORDER BY b.block_time DESC, e.log_index DESC LIMIT 1
