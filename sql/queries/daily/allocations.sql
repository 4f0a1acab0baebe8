-- Purpose: allocations to the plan's operator sets (spec/02 §6). Snapshots end at D. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, strategy, operator_set_id, magnitude, valid_from, valid_to, a range a day. Order: operator, avs, strategy, operator_set_id, valid_from.
COPY (
    SELECT r.operator, r.avs, r.strategy, r.operator_set_id::bigint, r.magnitude::numeric, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_allocation_snapshots r
    JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot <= i.cutoff
    ORDER BY r.operator, r.avs, r.strategy, r.operator_set_id, r.snapshot
) TO STDOUT (FORMAT binary)
