-- Purpose: registrations of operators with AVSs (spec/02 §4). Locks: none.
-- Parameters: run_input. Columns: avs, operator, day, registered. Order: avs, operator, then as the events happened.
COPY (
    SELECT e.avs, e.operator, b.block_time::date AS day, e.registered
    FROM run_input i, avs_operator_state_changes e
    JOIN blocks b ON b.number = e.block_number
    WHERE b.block_time < i.cutoff
    ORDER BY e.avs, e.operator, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
