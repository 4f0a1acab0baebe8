-- Purpose: operators registered with any operator set, if the plan has programmatic incentives (spec/03 §5). Snapshots end at D − 1. Source: the indexer's daily table. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, valid_from, valid_to, a range a day. Order: operator, valid_from.
COPY (
    SELECT DISTINCT r.operator, r.snapshot AS valid_from, r.snapshot + 1 AS valid_to
    FROM run_input i
    CROSS JOIN operator_set_operator_registration_snapshots r
    CROSS JOIN plan_every_operator p
    WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
      AND r.snapshot < i.cutoff
    ORDER BY r.operator, valid_from
) TO STDOUT (FORMAT binary)
