-- Purpose: operators registered with the plan's operator sets (spec/02 §4). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, operator_set_id, valid_from, valid_to, a range a day. Order: operator, avs, operator_set_id, valid_from.
COPY (
    SELECT r.operator, r.avs, r.operator_set_id::bigint, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_set_operator_registration_snapshots r
    JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
    ORDER BY r.operator, r.avs, r.operator_set_id, r.snapshot
) TO STDOUT (FORMAT binary)
