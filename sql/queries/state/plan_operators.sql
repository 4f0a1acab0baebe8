-- Purpose: the operators that can earn in the plan: registered with its AVSs or operator sets, or with any of them if
-- the plan has programmatic incentives. Source: validity ranges. Parameters: plan tables. Locks: none.
INSERT INTO plan_operators (operator)
SELECT r.operator FROM operator_avs_registration_ranges r JOIN plan_avss p ON p.avs = r.avs
WHERE r.valid_from <= p.last_snapshot AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
UNION
SELECT r.operator FROM operator_set_operator_registration_ranges r
JOIN plan_sets p ON p.avs = r.avs AND p.operator_set_id = r.operator_set_id
WHERE r.valid_from <= p.last_snapshot AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
UNION
SELECT r.operator FROM operator_avs_registration_ranges r CROSS JOIN plan_every_operator p
WHERE r.valid_from <= p.last_snapshot AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
UNION
SELECT r.operator FROM operator_set_operator_registration_ranges r CROSS JOIN plan_every_operator p
WHERE r.valid_from <= p.last_snapshot AND (r.valid_to IS NULL OR r.valid_to > p.first_snapshot)
