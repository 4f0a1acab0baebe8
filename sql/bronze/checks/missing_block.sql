-- Check: every event's block exists (spec/01 invariant 2). Samples of restaked strategies may refer to others. Blocks from
-- the first one at the cutoff on do not matter to the run. Parameters: $1 cutoff, $2 NULL, or the day from which on rows are
-- new: then rows of blocks after the last one before that day, and new share deltas. Columns: source_table, key, reason.
-- Order: key.
SELECT e.source_table, e.block_number::text AS key, 'has events of this block, but the block is not in blocks' AS reason
FROM (
    SELECT o.source_table, o.block_number
    FROM (
        SELECT 'reward_submissions'::text AS source_table, block_number FROM reward_submissions
        UNION SELECT 'operator_directed_reward_submissions', block_number FROM operator_directed_reward_submissions
        UNION SELECT 'operator_directed_operator_set_reward_submissions', block_number
              FROM operator_directed_operator_set_reward_submissions
        UNION SELECT 'unique_stake_reward_submissions', block_number FROM unique_stake_reward_submissions
        UNION SELECT 'total_stake_reward_submissions', block_number FROM total_stake_reward_submissions
        UNION SELECT 'avs_operator_state_changes', block_number FROM avs_operator_state_changes
        UNION SELECT 'staker_delegation_changes', block_number FROM staker_delegation_changes
        UNION SELECT 'operator_avs_splits', block_number FROM operator_avs_splits
        UNION SELECT 'operator_pi_splits', block_number FROM operator_pi_splits
        UNION SELECT 'operator_set_splits', block_number FROM operator_set_splits
        UNION SELECT 'default_operator_splits', block_number FROM default_operator_splits
        UNION SELECT 'operator_set_operator_registrations', block_number FROM operator_set_operator_registrations
        UNION SELECT 'operator_set_strategy_registrations', block_number FROM operator_set_strategy_registrations
        UNION SELECT 'operator_allocations', block_number FROM operator_allocations
        UNION SELECT 'operator_max_magnitudes', block_number FROM operator_max_magnitudes
    ) o
    WHERE $2::date IS NULL OR o.block_number > (
        SELECT b.number FROM blocks b WHERE b.block_time < $2::date ORDER BY b.block_time DESC LIMIT 1
    )
    UNION
    SELECT 'staker_share_deltas', d.block_number FROM staker_share_deltas d
    WHERE $2::date IS NULL OR d.block_time >= $2::date
    UNION
    SELECT 'operator_share_deltas', d.block_number FROM operator_share_deltas d
    WHERE $2::date IS NULL OR d.block_time >= $2::date
) e
-- Looked up one by one: an anti-join would walk all blocks.
WHERE (SELECT b.number FROM blocks b WHERE b.number = e.block_number) IS NULL
  AND NOT EXISTS (SELECT FROM blocks b WHERE b.block_time >= $1::date AND b.number <= e.block_number)
ORDER BY e.block_number, e.source_table
LIMIT 20
