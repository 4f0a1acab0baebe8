-- Purpose: operators registered with any operator set, if the plan has programmatic incentives (spec/03 §5). Snapshots end at D − 1. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, valid_from, valid_to. Order: none.
COPY (
    SELECT DISTINCT r.operator, r.valid_from, least(r.valid_to, i.cutoff) AS valid_to
    FROM run_input i
    CROSS JOIN operator_set_operator_registration_ranges r
    CROSS JOIN plan_every_operator p
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff
) TO STDOUT (FORMAT binary)
