-- Purpose: registrations of operators with AVSs (spec/02 §4). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: avs, operator, day, registered. Order: avs, operator, then as the events happened.
SELECT avs, operator, day, registered
FROM (
    SELECT e.avs, e.operator, e.at::date AS day, e.registered,
           e.at, e.block_time, e.block_number, e.log_index
    FROM operator_avs_registration_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
      AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (SELECT FROM touched_keys k WHERE k.avs = e.avs AND k.operator = e.operator))
    UNION ALL
    SELECT r.avs, r.operator, r.valid_from - 1, true, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY avs, operator, day, at, log_index
