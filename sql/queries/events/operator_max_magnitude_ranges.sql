-- Purpose: maximum magnitudes after slashes (spec/02 §6). Locks: none.
-- Parameters: refresh_window, carried_ranges. Columns: operator, strategy, day, max_magnitude. Order: operator, strategy, day, then the event.
COPY (
    SELECT operator, strategy, day, max_magnitude
    FROM (
        SELECT e.operator, e.strategy, e.at::date AS day, e.max_magnitude,
               e.at, e.block_time, e.block_number, e.log_index
        FROM refresh_window w, operator_max_magnitude_events() e
        WHERE e.at >= w.since AND e.at < w.before
        UNION ALL
        SELECT r.operator, r.strategy, r.valid_from, r.max_magnitude, NULL, NULL, NULL, NULL
        FROM carried_ranges r
    ) records
    ORDER BY operator, strategy, day, block_number, log_index
) TO STDOUT (FORMAT binary)
