-- Purpose: the event behind a split on a snapshot (spec/02 §3): the last that was active before the day. Parameters: $1 snapshot, $2 cutoff, $3 operator. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT 'set to ' || e.new_operator_pi_split_bips || ' bips, active from ' || e.activated_at AS detail,
       e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM operator_pi_splits e JOIN blocks b ON b.number = e.block_number
WHERE e.operator = $3 AND e.activated_at < least($1::date, $2::date)
ORDER BY e.activated_at DESC, b.block_time DESC, e.log_index DESC LIMIT 1
