-- Purpose: splits of operators for programmatic incentives by activation (spec/02 §3). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: operator, day, split. Order: operator, then activation, then event.
SELECT operator, day, split
FROM (
    SELECT e.operator, e.at::date AS day, e.split,
           e.at, e.block_time, e.block_number, e.log_index
    FROM operator_pi_split_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
      AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (SELECT FROM touched_keys k WHERE k.operator = e.operator))
    UNION ALL
    SELECT r.operator, r.valid_from - 1, r.split, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY operator, day, at, block_time, log_index
