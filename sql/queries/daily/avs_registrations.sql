-- Purpose: operators registered with the plan's AVSs (spec/02 §4). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: avs, operator, valid_from, valid_to, a range a day. Order: avs, operator, valid_from.
COPY (
    SELECT r.avs, r.operator, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_avs_registration_snapshots r
    JOIN plan_avss p ON p.avs = r.avs
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
    ORDER BY r.avs, r.operator, r.snapshot
) TO STDOUT (FORMAT binary)
