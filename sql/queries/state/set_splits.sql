-- Purpose: splits of operators with the plan's operator sets (spec/02 §3). Snapshots end at D − 1. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, operator_set_id, split, valid_from, valid_to. Order: none.
COPY (
    SELECT r.operator, r.avs, r.operator_set_id, r.split, r.valid_from, least(r.valid_to, i.cutoff) AS valid_to
    FROM run_input i
    CROSS JOIN operator_set_split_ranges r
    JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff
) TO STDOUT (FORMAT binary)
