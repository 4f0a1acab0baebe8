-- Purpose: maximum magnitudes after slashes (spec/02 §6). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: operator, strategy, day, max_magnitude. Order: operator, strategy, day, then the event.
SELECT operator, strategy, day, max_magnitude
FROM (
    SELECT e.operator, e.strategy, e.at::date AS day, e.max_magnitude,
           e.at, e.block_time, e.block_number, e.log_index
    FROM refresh_window w, operator_max_magnitude_events() e
    WHERE e.at >= w.since AND e.at < w.before
      AND (NOT w.touched_only OR EXISTS (SELECT FROM touched_keys k WHERE k.operator = e.operator AND k.strategy = e.strategy))
    UNION ALL
    SELECT r.operator, r.strategy, r.valid_from, r.max_magnitude, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY operator, strategy, day, block_number, log_index
