-- Purpose: signed change of a staker's shares per day (spec/02 §2, §3). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: staker, strategy, day, shares. Order: staker, strategy, day.
SELECT e.staker, e.strategy, e.at::date AS day, sum(e.shares) AS shares
FROM staker_share_events() e
WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
  AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (SELECT FROM touched_keys k WHERE k.staker = e.staker AND k.strategy = e.strategy))
GROUP BY e.staker, e.strategy, e.at::date
UNION ALL
SELECT r.staker, r.strategy, r.valid_from - 1, r.shares FROM carried_ranges r
ORDER BY staker, strategy, day
