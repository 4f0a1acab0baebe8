-- Purpose: strategies that operators restake with the plan's AVSs (spec/02 §5). Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, strategy, valid_from, valid_to. Order: none.
COPY (
    SELECT r.operator, r.avs, r.strategy, r.valid_from, r.valid_to AS valid_to
    FROM run_input i
    CROSS JOIN operator_avs_strategy_ranges r
    JOIN plan_avss p ON p.avs = r.avs
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND EXISTS (SELECT FROM plan_strategies s WHERE s.strategy = r.strategy)
) TO STDOUT (FORMAT binary)
