-- Purpose: what stakers get from `all_stakers` rewards; float8 on all dates, no operator share.
-- Spec:    spec/03 §4 and §0 (prop); spec/04 §6; spec/00 §6 Q7
-- Inputs:  oracle_gold_01_active_rewards, oracle_staker_share_snapshots
-- Columns: reward_hash text · snapshot date · token text · tokens_per_day float8 · avs, strategy text ·
--          multiplier numeric(78,0) · reward_type, staker text · shares, staker_weight,
--          total_staker_weight, staker_proportion numeric · staker_tokens numeric(38,0)
-- Grain:   reward_hash, snapshot, staker
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_04_rewards_for_all ON COMMIT DROP AS
WITH share_rows AS (
    SELECT active.*, share.staker, share.shares
      FROM oracle_gold_01_active_rewards AS active
      JOIN oracle_staker_share_snapshots AS share USING (strategy, snapshot)
     WHERE active.reward_type = 'all_stakers'
       AND share.shares > 0
       AND active.multiplier <> 0
),
staker_weights AS (
    SELECT *,
           sum(multiplier * shares) OVER (PARTITION BY staker, reward_hash, snapshot) AS staker_weight
      FROM share_rows
),
first_rows AS (
    SELECT DISTINCT ON (reward_hash, snapshot, staker) *
      FROM staker_weights
     ORDER BY reward_hash, snapshot, staker, strategy COLLATE "C", multiplier
),
total_weights AS (
    SELECT *, sum(staker_weight) OVER (PARTITION BY reward_hash, snapshot) AS total_staker_weight
      FROM first_rows
),
proportions AS (
    SELECT *,
           floor(staker_weight / total_staker_weight * 1000000000000000) / 1000000000000000
               AS staker_proportion
      FROM total_weights
)
SELECT reward_hash, snapshot, token, tokens_per_day, avs, strategy, multiplier, reward_type,
       staker, shares, staker_weight, total_staker_weight, staker_proportion,
       (tokens_per_day * staker_proportion)::text::numeric(38, 0) AS staker_tokens
  FROM proportions;
