-- Purpose: fills submissions. Parameters: $1 cutoff, $2 NULL, or the day from which on rows are new: then the rows of
-- submissions that have new ones. Rows whose block is missing are another check's. Locks: none.
-- Blocks are looked up one by one, once it is known which: a join would walk all of them, as would the lowest number without OFFSET.
INSERT INTO pg_temp.submissions
WITH new AS MATERIALIZED (
    SELECT DISTINCT n.reward_hash
    FROM (
        SELECT n.reward_hash, n.block_number FROM reward_submissions n
        UNION ALL SELECT n.reward_hash, n.block_number FROM operator_directed_reward_submissions n
        UNION ALL SELECT n.reward_hash, n.block_number FROM operator_directed_operator_set_reward_submissions n
        UNION ALL SELECT n.reward_hash, n.block_number FROM unique_stake_reward_submissions n
        UNION ALL SELECT n.reward_hash, n.block_number FROM total_stake_reward_submissions n
    ) n
    WHERE n.block_number >= (
        SELECT min(f.number) FROM (SELECT b.number FROM blocks b WHERE b.block_time >= $2::date OFFSET 0) f
    )
      AND (SELECT b.block_time FROM blocks b WHERE b.number = n.block_number) >= $2::date
)
SELECT s.*, b.block_time
FROM (
    SELECT a.*
    FROM (
        SELECT 'reward_submissions'::text AS source_table, avs, reward_hash, token, NULL::text AS operator, amount, strategy,
               strategy_index, NULL::integer AS operator_index, multiplier, start_timestamp, end_timestamp, duration,
               block_number, NULL::bigint AS operator_set_id, reward_type
        FROM reward_submissions
        UNION ALL
        SELECT 'operator_directed_reward_submissions', avs, reward_hash, token, operator, amount, strategy, strategy_index,
               operator_index, multiplier, start_timestamp, end_timestamp, duration, block_number, NULL, NULL
        FROM operator_directed_reward_submissions
        UNION ALL
        SELECT 'operator_directed_operator_set_reward_submissions', avs, reward_hash, token, operator, amount, strategy,
               strategy_index, operator_index, multiplier, start_timestamp, end_timestamp, duration, block_number,
               operator_set_id, NULL
        FROM operator_directed_operator_set_reward_submissions
        UNION ALL
        SELECT 'unique_stake_reward_submissions', avs, reward_hash, token, NULL, amount, strategy, strategy_index, NULL,
               multiplier, start_timestamp, end_timestamp, duration, block_number, operator_set_id, NULL
        FROM unique_stake_reward_submissions
        UNION ALL
        SELECT 'total_stake_reward_submissions', avs, reward_hash, token, NULL, amount, strategy, strategy_index, NULL,
               multiplier, start_timestamp, end_timestamp, duration, block_number, operator_set_id, NULL
        FROM total_stake_reward_submissions
    ) a
    WHERE $2::date IS NULL OR a.reward_hash IN (SELECT new.reward_hash FROM new)
    OFFSET 0
) s
CROSS JOIN LATERAL (SELECT b.block_time FROM blocks b WHERE b.number = s.block_number OFFSET 0) b
WHERE b.block_time < $1::date
