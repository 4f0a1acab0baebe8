-- Purpose: cumulative amounts per earner and token (spec/05 §1) for the day before the newest complete cutoff, from the balances.
-- Parameters: $1 E; $2 the complete runs that are not in the balances, $3 first and $4 last day they wrote, NULL if they wrote none.
-- Columns: earner, token; amount. Order: earner, token, as bytes: spec/05 §2. Locks: none.
-- The balances, and the rows of runs that are not in them, without the rows of days after E: a run with cutoff D = E + 1 writes
-- some of D (spec/00 Q5). Tokens that have no number yet take one below 0.
WITH tokens AS MATERIALIZED (
    SELECT DISTINCT ON (d.token) d.token, coalesce(k.id, -d.id) AS id
    FROM gold_rewards d
    LEFT JOIN gold_tokens k ON k.token = d.token
    ORDER BY d.token, d.id
), rewards AS MATERIALIZED (
    SELECT d.id, t.id AS token FROM gold_rewards d JOIN tokens t ON t.token = d.token
), sums AS (
    SELECT p.earner, p.token, sum(p.amount) AS amount
    FROM (
        SELECT b.earner, b.token, b.gold_rows, b.amount FROM gold_balances b
        UNION ALL
        SELECT g.earner, r.token, 1, g.amount
        FROM gold_rows g
        JOIN rewards r ON r.id = g.reward
        WHERE g.run_id = ANY($2::integer[]) AND g.snapshot BETWEEN $3::date AND $4::date
        UNION ALL
        SELECT g.earner, r.token, -1, -g.amount
        FROM gold_rows g
        JOIN rewards r ON r.id = g.reward
        WHERE g.snapshot > $1::date AND g.run_id IN (SELECT c.id FROM runs c WHERE c.status = 'complete')
    ) p
    GROUP BY p.earner, p.token
    HAVING sum(p.gold_rows) > 0
)
SELECT e.address AS earner, t.token, s.amount
FROM sums s
LEFT JOIN gold_earners e ON e.id = s.earner
JOIN tokens t ON t.id = s.token
ORDER BY e.address COLLATE "C", t.token COLLATE "C"
