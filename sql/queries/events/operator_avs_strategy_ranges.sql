-- Purpose: days on which an AVS was sampled to say that an operator restakes a strategy (spec/02 §5, Q14: no cutoff).
-- Locks: none. Parameters: refresh_window, carried_ranges. Columns: operator, avs, strategy, day. Order: all four.
SELECT e.operator, e.avs, e.strategy, e.at::date AS day
FROM operator_avs_strategy_events() e
WHERE e.at >= (SELECT w.since - interval '1 day' FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
  AND e.block_number BETWEEN (SELECT w.first_block FROM refresh_window w) AND (SELECT w.last_block FROM refresh_window w)
UNION
SELECT r.operator, r.avs, r.strategy, w.since::date - days.before
FROM refresh_window w, carried_ranges r, (VALUES (1), (2)) AS days (before)
WHERE r.valid_from < w.since::date
ORDER BY operator, avs, strategy, day
