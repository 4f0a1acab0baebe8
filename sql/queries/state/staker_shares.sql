-- Purpose: shares of the stakers that can earn in the plan's strategies (spec/02 §3). Snapshots end at D. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: staker, strategy, shares, valid_from, valid_to. Order: staker, strategy, valid_from.
COPY (
    SELECT r.staker, r.strategy, r.shares, r.valid_from, least(r.valid_to, i.cutoff + 1) AS valid_to
    FROM run_input i
    CROSS JOIN staker_share_ranges r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff + 1
      AND (p.every_holder OR EXISTS (SELECT FROM plan_stakers s WHERE s.staker = r.staker))
    ORDER BY r.staker, r.strategy, r.valid_from
) TO STDOUT (FORMAT binary)
