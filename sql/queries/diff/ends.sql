-- Purpose: kind and last instant of each submission. One pass over the submission tables. Parameters: none.
-- Columns: reward_hash, kind, end_timestamp. Order: none. Locks: none.
SELECT s.reward_hash, min(s.kind) AS kind, max(s.end_timestamp) AS end_timestamp
FROM (
    SELECT s.reward_hash, s.reward_type AS kind, s.end_timestamp FROM reward_submissions s
    UNION ALL
    SELECT s.reward_hash, 'operator_directed', s.end_timestamp FROM operator_directed_reward_submissions s
    UNION ALL
    SELECT s.reward_hash, 'operator_directed_operator_set', s.end_timestamp
    FROM operator_directed_operator_set_reward_submissions s
    UNION ALL
    SELECT s.reward_hash, 'unique_stake', s.end_timestamp FROM unique_stake_reward_submissions s
    UNION ALL
    SELECT s.reward_hash, 'total_stake', s.end_timestamp FROM total_stake_reward_submissions s
) s
GROUP BY s.reward_hash
