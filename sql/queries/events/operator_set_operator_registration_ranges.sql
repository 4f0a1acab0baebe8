-- Purpose: registrations of operators with operator sets (spec/02 §4). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: operator, avs, operator_set_id, day, is_active.
-- Order: operator, avs, operator_set_id, then as the events happened.
SELECT operator, avs, operator_set_id, day, registered
FROM (
    SELECT e.operator, e.avs, e.operator_set_id, e.at::date AS day, e.registered,
           e.at, e.block_time, e.block_number, e.log_index
    FROM operator_set_operator_registration_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
      AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (
          SELECT FROM touched_keys k
          WHERE k.operator = e.operator AND k.avs = e.avs AND k.operator_set_id = e.operator_set_id
      ))
    UNION ALL
    SELECT r.operator, r.avs, r.operator_set_id, r.valid_from - 1, true, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY operator, avs, operator_set_id, day, at, log_index
