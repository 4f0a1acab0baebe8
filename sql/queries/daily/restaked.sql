-- Purpose: strategies that operators restake with the plan's AVSs (spec/02 §5). Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, strategy, valid_from, valid_to, a range a day. Order: operator, avs, strategy, valid_from.
COPY (
    SELECT r.operator, r.avs, r.strategy, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_avs_strategy_snapshots r
    JOIN plan_avss p ON p.avs = r.avs
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND EXISTS (SELECT FROM plan_strategies s WHERE s.strategy = r.strategy)
    ORDER BY r.operator, r.avs, r.strategy, r.snapshot
) TO STDOUT (FORMAT binary)
