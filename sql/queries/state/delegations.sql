-- Purpose: stakers delegated to the plan's operators (spec/02 §3). Snapshots end at D − 1. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: staker, operator, valid_from, valid_to. Order: operator.
COPY (
    SELECT r.staker, r.operator, r.valid_from, least(r.valid_to, i.cutoff) AS valid_to
    FROM run_input i
    CROSS JOIN staker_delegation_ranges r
    CROSS JOIN plan_days p
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff
      AND EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
    ORDER BY r.operator COLLATE "C"
) TO STDOUT (FORMAT binary)
