-- Purpose: registrations of strategies with operator sets (spec/02 §4, Q13). Locks: none.
-- Parameters: refresh_window, carried_ranges. Columns: strategy, avs, operator_set_id, day, is_active.
-- Order: strategy, avs, operator_set_id, then as the events happened.
COPY (
    SELECT strategy, avs, operator_set_id, day, registered
    FROM (
        SELECT e.strategy, e.avs, e.operator_set_id, e.at::date AS day, e.registered,
               e.at, e.block_time, e.block_number, e.log_index
        FROM refresh_window w, operator_set_strategy_registration_events() e
        WHERE e.at >= w.since AND e.at < w.before
        UNION ALL
        SELECT r.strategy, r.avs, r.operator_set_id, r.valid_from - 1, true, NULL, NULL, NULL, NULL
        FROM carried_ranges r
    ) records
    ORDER BY strategy, avs, operator_set_id, day, at, log_index
) TO STDOUT (FORMAT binary)
