-- Purpose: every number in gold_rows has its text: a row without it would be of nobody, or of no submission.
-- One pass over gold_rows. Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('earner %s', g.earner) AS key, format('%s rows, but gold_earners has no such id', count(*)) AS detail
FROM gold_rows g
WHERE NOT EXISTS (SELECT FROM gold_earners e WHERE e.id = g.earner)
GROUP BY g.earner
UNION ALL
SELECT format('reward %s', g.reward), format('%s rows, but gold_rewards has no such id', count(*))
FROM gold_rows g
WHERE NOT EXISTS (SELECT FROM gold_rewards r WHERE r.id = g.reward)
GROUP BY g.reward
ORDER BY key
