-- Purpose: maximum magnitudes of the plan's allocations (spec/02 §6). Snapshots end at D. Source: the indexer's daily table.
-- Locks: none. Parameters: run_input, plan tables. Columns: operator, strategy, max_magnitude, valid_from, valid_to, a range
-- a day. Order: operator, strategy, valid_from.
COPY (
    SELECT DISTINCT r.operator, r.strategy, r.max_magnitude::numeric, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_allocation_snapshots r
    JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot <= i.cutoff
    ORDER BY r.operator, r.strategy, valid_from
) TO STDOUT (FORMAT binary)
