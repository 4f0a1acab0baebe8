-- Purpose: registrations of strategies with operator sets (spec/02 §4, Q13). Locks: none.
-- Parameters: run_input. Columns: strategy, avs, operator_set_id, day, is_active.
-- Order: strategy, avs, operator_set_id, then as the events happened.
COPY (
    SELECT e.strategy, e.avs, e.operator_set_id::bigint, b.block_time::date AS day, e.is_active
    FROM run_input i, operator_set_strategy_registrations e
    JOIN blocks b ON b.number = e.block_number
    WHERE b.block_time < i.cutoff
    ORDER BY e.strategy, e.avs, e.operator_set_id, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
