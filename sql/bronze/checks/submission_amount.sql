-- Check: amounts are integers from 0 to 10^38 − 1 (spec/01 invariant 6, spec/00 U8). Columns: source_table, key, reason.
-- Order: key.
SELECT DISTINCT source_table, reward_hash AS key, format('amount %s is not an integer from 0 to 10^38 - 1', amount) AS reason
FROM submissions
WHERE NOT (amount >= 0 AND amount < 1e38 AND amount = trunc(amount))
ORDER BY key
