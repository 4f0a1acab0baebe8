-- Purpose: the event behind a delegation on a snapshot (spec/02 §3): the last before the day. Parameters: $1 snapshot, $2 cutoff, $3 staker. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT CASE WHEN e.delegated THEN 'delegated to ' ELSE 'undelegated from ' END || e.operator AS detail, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM staker_delegation_changes e JOIN blocks b ON b.number = e.block_number
WHERE e.staker = $3 AND b.block_time < least($1::date, $2::date)
ORDER BY b.block_time DESC, e.log_index DESC LIMIT 1
