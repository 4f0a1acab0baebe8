-- Purpose: splits for programmatic incentives, if the plan has any (spec/02 §3). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, split, valid_from, valid_to, a range a day. Order: operator, valid_from.
COPY (
    SELECT r.operator, r.split::integer, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_pi_split_snapshots r
    CROSS JOIN plan_every_operator p
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
    ORDER BY r.operator, r.snapshot
) TO STDOUT (FORMAT binary)
