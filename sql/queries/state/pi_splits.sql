-- Purpose: splits for programmatic incentives, if the plan has any (spec/02 §3). Snapshots end at D − 1. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, split, valid_from, valid_to. Order: none.
COPY (
    SELECT r.operator, r.split, r.valid_from, least(r.valid_to, i.cutoff) AS valid_to
    FROM run_input i
    CROSS JOIN operator_pi_split_ranges r
    CROSS JOIN plan_every_operator p
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff
) TO STDOUT (FORMAT binary)
