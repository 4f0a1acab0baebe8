-- Purpose: operators registered with the plan's AVSs (spec/02 §4). Snapshots end at D − 1. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: avs, operator, valid_from, valid_to. Order: none.
COPY (
    SELECT r.avs, r.operator, r.valid_from, least(r.valid_to, i.cutoff) AS valid_to
    FROM run_input i
    CROSS JOIN operator_avs_registration_ranges r
    JOIN plan_avss p ON p.avs = r.avs
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND r.valid_from < i.cutoff
) TO STDOUT (FORMAT binary)
