-- Purpose: shares of the stakers that can earn in the plan's strategies (spec/02 §3). Snapshots end at D. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: staker, strategy (the plan's number), shares, valid_from, valid_to, a range a day. Order: staker, strategy, valid_from.
COPY (
    SELECT r.staker, p.id, r.shares::numeric, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN staker_share_snapshots r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot <= i.cutoff
      AND (p.every_holder OR EXISTS (
          SELECT FROM staker_delegation_snapshots d
          JOIN plan_operators o ON o.operator = d.operator
          CROSS JOIN plan_days w
          WHERE d.staker = r.staker AND d.snapshot BETWEEN w.first_snapshot AND w.last_snapshot
      ))
    ORDER BY r.staker, r.strategy, r.snapshot
) TO STDOUT (FORMAT binary)
