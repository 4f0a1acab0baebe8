-- Purpose: stakers delegated to the plan's operators (spec/02 §3). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: staker, operator, valid_from, valid_to, a range a day. Order: staker, operator, valid_from.
COPY (
    SELECT r.staker, r.operator, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN staker_delegation_snapshots r
    CROSS JOIN plan_days p
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
      AND EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
    ORDER BY r.staker, r.operator, r.snapshot
) TO STDOUT (FORMAT binary)
