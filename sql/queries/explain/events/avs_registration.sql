-- Purpose: the event behind a registration with an AVS on a snapshot (spec/02 §4): the last up to the end of the day, which may end it. Parameters: $1 snapshot, $2 cutoff, $3 operator, $4 AVS. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT CASE WHEN e.registered THEN 'registered' ELSE 'deregistered' END AS detail, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
WHERE e.operator = $3 AND e.avs = $4 AND b.block_time < least($1::date + 1, $2::date)
ORDER BY b.block_time DESC, e.log_index DESC LIMIT 1
