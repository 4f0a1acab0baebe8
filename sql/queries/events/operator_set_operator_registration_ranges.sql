-- Purpose: registrations of operators with operator sets (spec/02 §4). Locks: none.
-- Parameters: run_input. Columns: operator, avs, operator_set_id, day, is_active.
-- Order: operator, avs, operator_set_id, then as the events happened.
COPY (
    SELECT e.operator, e.avs, e.operator_set_id::bigint, b.block_time::date AS day, e.is_active
    FROM run_input i, operator_set_operator_registrations e
    JOIN blocks b ON b.number = e.block_number
    WHERE b.block_time < i.cutoff
    ORDER BY e.operator, e.avs, e.operator_set_id, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
