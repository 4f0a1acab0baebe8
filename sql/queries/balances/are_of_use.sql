-- Purpose: whether sums over all rows are those of spec/05 §1 for the day before the newest complete cutoff, but for later days:
-- nothing was dropped, and every submission that was paid counts for that day. Parameters: $1 E. Columns: of_use. Locks: none.
-- A submission that was paid (it has a watermark) and does not count has been removed from the source since, or its block has.
WITH submitted AS MATERIALIZED (
    SELECT r.reward_hash, r.block_number FROM reward_submissions r
    UNION SELECT r.reward_hash, r.block_number FROM operator_directed_reward_submissions r
    UNION SELECT r.reward_hash, r.block_number FROM operator_directed_operator_set_reward_submissions r
    UNION SELECT r.reward_hash, r.block_number FROM unique_stake_reward_submissions r
    UNION SELECT r.reward_hash, r.block_number FROM total_stake_reward_submissions r
)
SELECT NOT EXISTS (SELECT FROM dropped_partitions d WHERE d.gold_rows > 0 OR d.begun_at IS NOT NULL)
   AND NOT EXISTS (
       SELECT w.reward_hash FROM watermarks w
       -- Those of a run in progress do not count yet.
       WHERE NOT EXISTS (SELECT FROM runs r WHERE r.status <> 'complete')
          OR w.reward_hash IN (SELECT g.reward_hash FROM gold_windows g JOIN runs r ON r.id = g.run_id AND r.status = 'complete')
       EXCEPT
       SELECT s.reward_hash
       FROM submitted s
       WHERE (SELECT b.block_time FROM blocks b WHERE b.number = s.block_number) <= $1::date + 1
   ) AS of_use
