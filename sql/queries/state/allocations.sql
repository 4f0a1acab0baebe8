-- Purpose: allocations to the plan's operator sets (spec/02 §6). Snapshots end at D. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, strategy, operator_set_id, magnitude, valid_from, valid_to. Order: none.
COPY (
    SELECT r.operator, r.avs, r.strategy, r.operator_set_id, r.magnitude, r.valid_from, least(r.valid_to, i.cutoff + 1) AS valid_to
    FROM run_input i
    CROSS JOIN operator_allocation_ranges r
    JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff + 1
) TO STDOUT (FORMAT binary)
