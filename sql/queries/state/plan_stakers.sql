-- Purpose: the stakers that can earn by delegation. Source: validity ranges. Parameters: plan tables. Locks: none.
INSERT INTO plan_stakers (staker)
SELECT DISTINCT r.staker FROM staker_delegation_ranges r CROSS JOIN plan_days p
WHERE EXISTS (SELECT FROM plan_operators o WHERE o.operator = r.operator)
  AND r.valid_from <= p.last_snapshot AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
