-- Purpose: splits of operators per operator set by activation, at most 10000 bips (spec/02 §3, Q15). Locks: none.
-- Parameters: refresh_window, carried_ranges. Columns: operator, avs, operator_set_id, day, split.
-- Order: operator, avs, operator_set_id, then activation, then event.
COPY (
    SELECT operator, avs, operator_set_id, day, split
    FROM (
        SELECT e.operator, e.avs, e.operator_set_id, e.at::date AS day, e.split,
               e.at, e.block_time, e.block_number, e.log_index
        FROM refresh_window w, operator_set_split_events() e
        WHERE e.at >= w.since AND e.at < w.before
        UNION ALL
        SELECT r.operator, r.avs, r.operator_set_id, r.valid_from - 1, r.split, NULL, NULL, NULL, NULL
        FROM carried_ranges r
    ) records
    ORDER BY operator, avs, operator_set_id, day, at, block_time, log_index
) TO STDOUT (FORMAT binary)
