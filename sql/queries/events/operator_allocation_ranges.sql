-- Purpose: magnitudes by the block they take effect in (spec/02 §6); without that block a row does not count (U9).
-- Locks: none. Parameters: refresh_window, carried_ranges, touched_keys. Columns: operator, avs, strategy, operator_set_id, day, magnitude.
-- Order: operator, avs, strategy, operator_set_id, day, then the event.
SELECT operator, avs, strategy, operator_set_id, day, magnitude
FROM (
    SELECT e.operator, e.avs, e.strategy, e.operator_set_id, e.at::date AS day, e.magnitude,
           e.at, e.block_time, e.block_number, e.log_index
    FROM operator_allocation_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
      AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (
          SELECT FROM touched_keys k
          WHERE k.operator = e.operator AND k.avs = e.avs AND k.strategy = e.strategy AND k.operator_set_id = e.operator_set_id
      ))
    UNION ALL
    SELECT r.operator, r.avs, r.strategy, r.operator_set_id, r.valid_from - 1, r.magnitude, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY operator, avs, strategy, operator_set_id, day, block_number, log_index
