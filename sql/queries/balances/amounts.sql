-- Purpose: cumulative amounts per earner and token (spec/05 §1) for the day before the newest complete cutoff, from the balances.
-- Parameters: $1 E; $2 the complete runs that are not in the balances, $3 first and $4 last day they wrote, NULL if they wrote none.
-- Columns: earner, token; amount. Order: earner, token, as bytes: spec/05 §2. Locks: none.
-- The balances, and the rows of runs that are not in them, without the rows of days after E: a run with cutoff D = E + 1 writes
-- some of D (spec/00 Q5). Tokens that have no number yet take one below 0.
-- Earners are put in order by themselves, so that pairs are joined by hashing and sorted by two numbers, not by two texts: the planner
-- does not know how many pairs there are, and would look up each.
WITH earners AS MATERIALIZED (
    SELECT e.id, e.address, row_number() OVER (ORDER BY e.address COLLATE "C") AS place FROM gold_earners e
), tokens AS MATERIALIZED (
    SELECT t.token, t.id, row_number() OVER (ORDER BY t.token COLLATE "C") AS place
    FROM (
        SELECT d.token, coalesce(min(k.id), -min(d.id)) AS id
        FROM gold_rewards d
        LEFT JOIN gold_tokens k ON k.token = d.token
        GROUP BY d.token
    ) t
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
LEFT JOIN earners e ON e.id = s.earner
JOIN tokens t ON t.id = s.token
ORDER BY e.place, t.place
