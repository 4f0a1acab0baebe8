-- Purpose: cumulative amounts per earner and token (spec/05 §1), or what they grew by from one snapshot to a later one.
-- Parameters: $1 the snapshot whose amounts are known already, NULL: none; $2 E, the last snapshot.
-- Columns: earner, token; amount; snapshot, the last one with a row. Order: earner, token, as bytes: spec/05 §2. A pair without any
-- new row is not there. Locks: none.
-- H is made of the source tables: a submission counts if its block is not later than 00:00 of the day after the last snapshot
-- (inclusive: spec/00 Q26). Rows are summed by number; texts are joined to the sums.
-- Earners are put in order by themselves, so that pairs are joined by hashing and sorted by two numbers, not by two texts: the planner
-- does not know how many pairs there are, and would look up each.
WITH earners AS MATERIALIZED (
    SELECT e.id, e.address, row_number() OVER (ORDER BY e.address COLLATE "C") AS place FROM gold_earners e
), known AS MATERIALIZED (
    SELECT coalesce($1::date, '-infinity') AS before, $2::date AS last
), submitted AS MATERIALIZED (
    SELECT s.reward_hash, min((SELECT b.block_time FROM blocks b WHERE b.number = s.block_number)) AS block_time
    FROM (
        SELECT r.reward_hash, r.block_number FROM reward_submissions r
        UNION SELECT r.reward_hash, r.block_number FROM operator_directed_reward_submissions r
        UNION SELECT r.reward_hash, r.block_number FROM operator_directed_operator_set_reward_submissions r
        UNION SELECT r.reward_hash, r.block_number FROM unique_stake_reward_submissions r
        UNION SELECT r.reward_hash, r.block_number FROM total_stake_reward_submissions r
    ) s
    GROUP BY s.reward_hash
), included AS MATERIALIZED (
    SELECT g.id, dense_rank() OVER (ORDER BY g.token COLLATE "C") AS token, g.token AS token_text,
           s.block_time <= k.before + 1 AS was_included
    FROM gold_rewards g
    JOIN submitted s ON s.reward_hash = g.reward_hash
    CROSS JOIN known k
    WHERE s.block_time <= k.last + 1
), sums AS (
    SELECT g.earner, i.token, sum(g.amount) AS amount, max(g.snapshot) AS snapshot
    FROM gold_rows g
    JOIN included i ON i.id = g.reward
    WHERE g.snapshot <= $2::date
      AND ($1::date IS NULL OR g.snapshot > $1::date OR NOT i.was_included)
      AND g.run_id IN (SELECT r.id FROM runs r WHERE r.status = 'complete')
    GROUP BY g.earner, i.token
)
SELECT e.address AS earner, t.token_text AS token, s.amount, s.snapshot
FROM sums s
LEFT JOIN earners e ON e.id = s.earner
JOIN (SELECT DISTINCT i.token, i.token_text FROM included i) t ON t.token = s.token
ORDER BY e.place, t.token
