-- Purpose: shares of the plan's operators in the plan's strategies (spec/02 §3). Snapshots end at D. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, strategy (the plan's number), shares, valid_from, valid_to, a range a day. Order: operator, strategy, valid_from.
COPY (
    SELECT r.operator, p.id, r.shares::numeric, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_share_snapshots r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot <= i.cutoff
      AND EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
    ORDER BY r.operator, r.strategy, r.snapshot
) TO STDOUT (FORMAT binary)
