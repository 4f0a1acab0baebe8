-- Purpose: maximum magnitudes of the plan's operators (spec/02 §6). Snapshots end at D. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, strategy, max_magnitude, valid_from, valid_to. Order: none.
COPY (
    SELECT r.operator, r.strategy, r.max_magnitude, r.valid_from, least(r.valid_to, i.cutoff + 1) AS valid_to
    FROM run_input i
    CROSS JOIN operator_max_magnitude_ranges r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff + 1
      AND EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
) TO STDOUT (FORMAT binary)
