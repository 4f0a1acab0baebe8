-- Purpose: maximum magnitudes after slashes (spec/02 §6). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: operator, strategy, day, max_magnitude. Order: operator, strategy, day, then the event.
SELECT operator, strategy, day, max_magnitude
FROM (
    SELECT e.operator, e.strategy, e.at::date AS day, e.max_magnitude,
           e.at, e.block_time, e.block_number, e.log_index
    FROM operator_max_magnitude_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
      AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (SELECT FROM touched_keys k WHERE k.operator = e.operator AND k.strategy = e.strategy))
    UNION ALL
    SELECT r.operator, r.strategy, r.valid_from, r.max_magnitude, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY operator, strategy, day, block_number, log_index
