-- Purpose: the default split (spec/02 §3). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: split, valid_from, valid_to, a range a day. Order: valid_from.
COPY (
    SELECT r.split::integer, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN default_operator_split_snapshots r
    CROSS JOIN plan_days p
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
    ORDER BY r.snapshot
) TO STDOUT (FORMAT binary)
