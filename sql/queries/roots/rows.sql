-- Purpose: the gold rows that count for a snapshot (spec/05 §1), or those that did not count for an earlier one yet, by complete runs.
-- Whoever reads adds them up: sorting and grouping here takes four times as long as sending. Parameters, as settings because COPY takes none:
-- paydirt.root_before the snapshot whose amounts are known already, '': none; paydirt.root_last E, the last snapshot; paydirt.root_run
-- the last run that counts, '': all. Columns: earner; token, the smallest number of a reward that pays it; snapshot; amount.
-- Order: none. Locks: none.
-- H is made of the source tables: a submission counts if its block is not later than 00:00 of the day after the last snapshot
-- (inclusive: spec/00 Q26).
COPY (
WITH known AS MATERIALIZED (
    SELECT coalesce(nullif(current_setting('paydirt.root_before'), '')::date, '-infinity') AS before,
           current_setting('paydirt.root_last')::date AS last,
           coalesce(nullif(current_setting('paydirt.root_run'), '')::bigint, 9223372036854775807) AS run
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
    SELECT g.id, min(g.id) OVER (PARTITION BY g.token) AS token, s.block_time <= k.last + 1 AS is_included,
           s.block_time <= k.before + 1 AS was_included
    FROM gold_rewards g
    LEFT JOIN submitted s ON s.reward_hash = g.reward_hash
    CROSS JOIN known k
)
SELECT g.earner, i.token, g.snapshot, g.amount
FROM gold_rows g
JOIN included i ON i.id = g.reward
WHERE i.is_included
  AND g.snapshot <= (SELECT k.last FROM known k)
  AND (NOT i.was_included OR g.snapshot > (SELECT k.before FROM known k))
  AND g.run_id IN (SELECT r.id FROM runs r WHERE r.status = 'complete' AND r.id <= (SELECT k.run FROM known k))
) TO STDOUT (FORMAT binary)
