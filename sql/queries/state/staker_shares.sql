-- Purpose: shares of the stakers that can earn in the plan's strategies (spec/02 §3): of every holder, or of those delegated to
-- the plan's operators. Snapshots end at D. Source: validity ranges. Locks: none.
-- Parameters: run_input, plan tables. Columns: staker, strategy (the plan's number), shares, valid_from, valid_to. Order: none.
-- Ranges that ended long ago are most: they go before anything is looked up.
COPY (
    SELECT r.staker, p.id, r.shares, r.valid_from, least(r.valid_to, i.cutoff + 1) AS valid_to
    FROM run_input i
    CROSS JOIN staker_share_ranges r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND (r.valid_to IS NULL OR r.valid_to > (SELECT min(e.first_snapshot) FROM plan_strategies e))
      AND r.valid_from < i.cutoff + 1
      AND p.every_holder
    UNION ALL
    SELECT r.staker, p.id, r.shares, r.valid_from, least(r.valid_to, i.cutoff + 1)
    FROM run_input i
    CROSS JOIN staker_share_ranges r
    JOIN plan_strategies p ON p.strategy = r.strategy
    WHERE r.valid_from <= p.last_snapshot
      AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
      AND (r.valid_to IS NULL OR r.valid_to > (SELECT min(e.first_snapshot) FROM plan_strategies e))
      AND r.valid_from < i.cutoff + 1
      AND NOT p.every_holder
      AND r.staker IN (
          SELECT d.staker
          FROM staker_delegation_ranges d
          JOIN plan_operators o ON o.operator = d.operator
          CROSS JOIN plan_days w
          WHERE d.valid_from <= w.last_snapshot AND (d.valid_to IS NULL OR d.valid_to > w.first_snapshot)
      )
) TO STDOUT (FORMAT binary)
