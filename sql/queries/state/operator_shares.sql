-- Purpose: shares of the plan's operators in the plan's strategies (spec/02 §3). Snapshots end at D. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: operator, strategy (the plan's number), shares, valid_from, valid_to. Order: none.
-- Ranges that ended long ago are most: they go before anything is looked up.
COPY (
    SELECT r.operator, p.id, r.shares, r.valid_from, least(r.valid_to, i.cutoff + 1) AS valid_to
    FROM run_input i
    CROSS JOIN operator_share_ranges r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND (r.valid_to IS NULL OR r.valid_to > (SELECT min(e.first_snapshot) FROM plan_strategies e))
      AND r.valid_from < i.cutoff + 1
      AND EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
) TO STDOUT (FORMAT binary)
