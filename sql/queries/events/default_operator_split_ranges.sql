-- Purpose: the default split, effective at once, at most 10000 bips (spec/02 §3, Q15). Locks: none.
-- Parameters: refresh_window, carried_ranges. Columns: day, split. Order: as the events happened.
SELECT day, split
FROM (
    SELECT e.at::date AS day, e.split,
           e.at, e.block_time, e.block_number, e.log_index
    FROM default_operator_split_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
    UNION ALL
    SELECT r.valid_from - 1, r.split, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY day, at, log_index
