-- Purpose: the event behind a registration with an operator set on a snapshot (spec/02 §4): the last up to the end of the day, which may end it. Parameters: $1 snapshot, $2 cutoff, $3 operator, $4 AVS, $5 number of the set. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT CASE WHEN e.is_active THEN 'registered' ELSE 'deregistered' END AS detail, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM operator_set_operator_registrations e JOIN blocks b ON b.number = e.block_number
WHERE e.operator = $3 AND e.avs = $4 AND e.operator_set_id = $5 AND b.block_time < least($1::date + 1, $2::date)
ORDER BY b.block_time DESC, e.log_index DESC LIMIT 1
