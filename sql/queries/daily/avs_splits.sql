-- Purpose: splits of operators with the plan's AVSs (spec/02 §3). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, avs, split, valid_from, valid_to, a range a day. Order: operator, avs, valid_from.
COPY (
    SELECT r.operator, r.avs, r.split::integer, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_avs_split_snapshots r
    JOIN plan_avss p ON p.avs = r.avs
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
    ORDER BY r.operator, r.avs, r.snapshot
) TO STDOUT (FORMAT binary)
