-- Check: magnitudes are integers in 0..10^18, maximum magnitudes in 1..10^18 (spec/01 invariant 7).
-- Parameters: $1, $2 as for the others; all rows are looked at. Columns: source_table, key, reason. Order: table, key.
SELECT e.source_table, e.operator || ' in strategy ' || e.strategy AS key,
       format('magnitude %s is out of range', e.magnitude) AS reason
FROM (
    SELECT DISTINCT 'operator_allocations'::text AS source_table, operator, strategy, magnitude, 0 AS least FROM operator_allocations
    UNION SELECT 'operator_max_magnitudes', operator, strategy, max_magnitude, 1 FROM operator_max_magnitudes
) e
WHERE NOT (e.magnitude BETWEEN e.least AND 1000000000000000000 AND e.magnitude = trunc(e.magnitude)) AND coalesce($1::date, $2::date) IS NOT NULL
ORDER BY source_table, key
LIMIT 20
