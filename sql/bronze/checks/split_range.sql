-- Check: splits are 0 to 10000 bips (spec/01 invariant 7, Q15). Parameters: $1, $2 as for the others; all rows
-- are looked at. Columns: source_table, key, reason. Order: table, key.
SELECT e.source_table, e.operator AS key, format('split of %s bips is not in 0..10000', e.bips) AS reason
FROM (
    SELECT DISTINCT 'operator_avs_splits'::text AS source_table, operator, new_operator_avs_split_bips AS bips FROM operator_avs_splits
    UNION SELECT 'operator_pi_splits', operator, new_operator_pi_split_bips FROM operator_pi_splits
    UNION SELECT 'operator_set_splits', operator, new_operator_set_split_bips FROM operator_set_splits
    UNION SELECT 'default_operator_splits', 'default', new_default_operator_split_bips FROM default_operator_splits
) e
WHERE e.bips NOT BETWEEN 0 AND 10000 AND coalesce($1::date, $2::date) IS NOT NULL
ORDER BY source_table, key
LIMIT 20
