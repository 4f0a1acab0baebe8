-- Purpose: the event behind registrations with AVSs and operator sets on a snapshot (spec/02 §4, Q29): the last of each up to the end of the day. Parameters: $1 snapshot, $2 cutoff, $3 operator. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT r.* FROM (
    (SELECT DISTINCT ON (e.avs)
            CASE WHEN e.registered THEN 'registered with AVS ' ELSE 'deregistered from AVS ' END || e.avs AS detail, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
     FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
     WHERE e.operator = $3 AND b.block_time < least($1::date + 1, $2::date)
     ORDER BY e.avs, b.block_time DESC, e.log_index DESC)
    UNION ALL
    (SELECT DISTINCT ON (e.avs, e.operator_set_id)
            CASE WHEN e.is_active THEN 'registered with' ELSE 'deregistered from' END || ' operator set ' || e.operator_set_id
            || ' of AVS ' || e.avs, e.block_number, b.block_time, e.transaction_hash, e.log_index::bigint AS log_index
     FROM operator_set_operator_registrations e JOIN blocks b ON b.number = e.block_number
     WHERE e.operator = $3 AND b.block_time < least($1::date + 1, $2::date)
     ORDER BY e.avs, e.operator_set_id, b.block_time DESC, e.log_index DESC)
) r
ORDER BY r.block_time, r.log_index
