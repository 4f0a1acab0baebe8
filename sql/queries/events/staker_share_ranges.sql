-- Purpose: signed change of a staker's shares per day (spec/02 §2, §3). Locks: none.
-- Parameters: refresh_window, carried_ranges. Columns: staker, strategy, day, shares. Order: staker, strategy, day.
COPY (
    SELECT e.staker, e.strategy, e.at::date AS day, sum(e.shares) AS shares
    FROM refresh_window w, staker_share_events() e
    WHERE e.at >= w.since AND e.at < w.before
    GROUP BY e.staker, e.strategy, e.at::date
    UNION ALL
    SELECT r.staker, r.strategy, r.valid_from - 1, r.shares FROM carried_ranges r
    ORDER BY staker, strategy, day
) TO STDOUT (FORMAT binary)
