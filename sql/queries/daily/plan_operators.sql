-- Purpose: the operators that can earn in the plan: registered with its AVSs or operator sets, or with any of them if
-- the plan has programmatic incentives. Source: the indexer's daily tables. Parameters: plan tables. Locks: none.
INSERT INTO plan_operators (operator)
SELECT r.operator FROM operator_avs_registration_snapshots r JOIN plan_avss p ON p.avs = r.avs
WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
UNION
SELECT r.operator FROM operator_set_operator_registration_snapshots r
JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
UNION
SELECT r.operator FROM operator_avs_registration_snapshots r CROSS JOIN plan_every_operator p
WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
UNION
SELECT r.operator FROM operator_set_operator_registration_snapshots r CROSS JOIN plan_every_operator p
WHERE r.snapshot BETWEEN p.first_snapshot AND p.last_snapshot
