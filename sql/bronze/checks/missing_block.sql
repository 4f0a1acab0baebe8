-- Check: every event's block exists (spec/01 invariant 2). Samples of restaked strategies may refer to others. Blocks from
-- the first one at the cutoff on do not matter to the run. Parameters: $1 cutoff, $2 NULL, or the day from which on rows are
-- new: then rows of blocks after the last one before that day, and new share deltas. Columns: source_table, key, reason.
-- Order: key.
-- Many tables have events of a block: it is looked up once, and whose it is matters only if it is missing.
WITH events AS NOT MATERIALIZED (
    SELECT o.source_table, o.block_number
    FROM (
        SELECT 'reward_submissions'::text AS source_table, block_number FROM reward_submissions
        UNION ALL SELECT 'operator_directed_reward_submissions', block_number FROM operator_directed_reward_submissions
        UNION ALL SELECT 'operator_directed_operator_set_reward_submissions', block_number
                  FROM operator_directed_operator_set_reward_submissions
        UNION ALL SELECT 'unique_stake_reward_submissions', block_number FROM unique_stake_reward_submissions
        UNION ALL SELECT 'total_stake_reward_submissions', block_number FROM total_stake_reward_submissions
        UNION ALL SELECT 'avs_operator_state_changes', block_number FROM avs_operator_state_changes
        UNION ALL SELECT 'staker_delegation_changes', block_number FROM staker_delegation_changes
        UNION ALL SELECT 'operator_avs_splits', block_number FROM operator_avs_splits
        UNION ALL SELECT 'operator_pi_splits', block_number FROM operator_pi_splits
        UNION ALL SELECT 'operator_set_splits', block_number FROM operator_set_splits
        UNION ALL SELECT 'default_operator_splits', block_number FROM default_operator_splits
        UNION ALL SELECT 'operator_set_operator_registrations', block_number FROM operator_set_operator_registrations
        UNION ALL SELECT 'operator_set_strategy_registrations', block_number FROM operator_set_strategy_registrations
        UNION ALL SELECT 'operator_allocations', block_number FROM operator_allocations
        UNION ALL SELECT 'operator_max_magnitudes', block_number FROM operator_max_magnitudes
    ) o
    WHERE $2::date IS NULL OR o.block_number > (
        SELECT b.number FROM blocks b WHERE b.block_time < $2::date ORDER BY b.block_time DESC LIMIT 1
    )
    UNION ALL
    SELECT 'staker_share_deltas', d.block_number FROM staker_share_deltas d
    WHERE $2::date IS NULL OR d.block_time >= $2::date
    UNION ALL
    SELECT 'operator_share_deltas', d.block_number FROM operator_share_deltas d
    WHERE $2::date IS NULL OR d.block_time >= $2::date
), missing AS MATERIALIZED (
    SELECT e.block_number
    FROM (SELECT DISTINCT events.block_number FROM events) e
    -- Looked up one by one: an anti-join would walk all blocks.
    WHERE (SELECT b.number FROM blocks b WHERE b.number = e.block_number) IS NULL
      AND NOT EXISTS (SELECT FROM blocks b WHERE b.block_time >= $1::date AND b.number <= e.block_number)
)
SELECT DISTINCT e.source_table, e.block_number::text AS key, 'has events of this block, but the block is not in blocks' AS reason,
       e.block_number
FROM events e
WHERE (SELECT count(*) FROM missing) > 0 AND e.block_number IN (SELECT m.block_number FROM missing m)
ORDER BY e.block_number, e.source_table
LIMIT 20
