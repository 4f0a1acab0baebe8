-- Purpose: the balances are the sums over the gold rows of the runs that are in them, which are complete; and it is known how many
-- rows they have (I11). One pass over gold_rows. Parameters: none. Columns: key, detail. Order: key. Locks: none.
WITH balances AS (
    SELECT b.earner, b.token, sum(b.gold_rows) AS gold_rows, sum(b.amount) AS amount
    FROM gold_balances b
    GROUP BY b.earner, b.token
), gold AS (
    SELECT g.earner, coalesce(t.id, 0) AS token, count(*) AS gold_rows, sum(g.amount) AS amount
    FROM gold_rows g
    LEFT JOIN gold_rewards r ON r.id = g.reward
    LEFT JOIN gold_tokens t ON t.token = r.token
    WHERE g.run_id IN (SELECT b.run_id FROM gold_balanced_runs b)
    GROUP BY g.earner, coalesce(t.id, 0)
)
SELECT format('earner %s token %s', coalesce(e.address, p.earner::text), coalesce(t.token, p.token::text)) AS key,
       format('balance %s of %s rows, gold %s of %s rows', coalesce(p.balance, 0), coalesce(p.balance_rows, 0),
              coalesce(p.gold, 0), coalesce(p.gold_rows, 0)) AS detail
FROM (
    SELECT coalesce(b.earner, g.earner) AS earner, coalesce(b.token, g.token) AS token, b.amount AS balance,
           b.gold_rows AS balance_rows, g.amount AS gold, g.gold_rows
    FROM balances b
    FULL JOIN gold g ON g.earner = b.earner AND g.token = b.token
    WHERE coalesce(b.amount, 0) <> coalesce(g.amount, 0) OR coalesce(b.gold_rows, 0) <> coalesce(g.gold_rows, 0)
) p
LEFT JOIN gold_earners e ON e.id = p.earner
LEFT JOIN gold_tokens t ON t.id = p.token
UNION ALL
SELECT format('run %s', b.run_id), format('is in the balances and %s', coalesce(r.status, 'not there'))
FROM gold_balanced_runs b
LEFT JOIN runs r ON r.id = b.run_id
WHERE r.status IS DISTINCT FROM 'complete'
UNION ALL
SELECT 'gold_balances_size', format('says %s + %s rows, there are %s', s.compacted, s.appended, b.count)
FROM gold_balances_size s
CROSS JOIN (SELECT count(*) AS count FROM gold_balances) b
WHERE s.compacted + s.appended <> b.count
ORDER BY key
