-- Purpose: the stakers that can earn by delegation. Source: the indexer's daily tables. Parameters: plan tables. Locks: none.
INSERT INTO plan_stakers (staker)
SELECT DISTINCT r.staker FROM staker_delegation_snapshots r CROSS JOIN plan_days p
WHERE EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
  AND r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
