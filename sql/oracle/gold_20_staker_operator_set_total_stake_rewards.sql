-- Purpose: the stakers' part of a total-stake pool: what the operator leaves of its part of the pool,
--          shared among its stakers.
-- Spec:    spec/03 §20 (step 17 without allocations) and §0 (prop)
-- Inputs:  oracle_gold_19_operator_operator_set_total_stake_rewards,
--          oracle_gold_15_active_unique_and_total_stake_rewards, oracle_staker_delegation_snapshots,
--          oracle_staker_share_snapshots
-- Columns: reward_hash text · snapshot timestamptz · token, operator, avs text · operator_set_id int8 ·
--          staker text · tokens_per_registered_snapshot_decimal, staker_split_total, weighted_shares,
--          staker_weight, total_operator_weight, staker_proportion, staker_tokens numeric
-- Grain:   reward_hash, snapshot, operator, staker
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_20_staker_operator_set_total_stake_rewards ON COMMIT DROP AS
WITH operator_rows AS (
    SELECT *,
           (snapshot AT TIME ZONE 'UTC')::date AS day,
           tokens_per_registered_snapshot_decimal - operator_tokens AS staker_split_total
      FROM oracle_gold_19_operator_operator_set_total_stake_rewards
),
delegated AS (
    SELECT operator_rows.*, delegation.staker
      FROM operator_rows
      JOIN oracle_staker_delegation_snapshots AS delegation
        ON delegation.operator = operator_rows.operator
       AND delegation.snapshot = operator_rows.day
),
share_rows AS (
    SELECT delegated.reward_hash, delegated.snapshot, delegated.token, delegated.operator,
           delegated.avs, delegated.operator_set_id, delegated.staker,
           delegated.tokens_per_registered_snapshot_decimal, delegated.staker_split_total,
           active.multiplier, share.shares
      FROM delegated
      JOIN oracle_gold_15_active_unique_and_total_stake_rewards AS active
        ON active.reward_hash = delegated.reward_hash
       AND active.avs = delegated.avs
       AND active.operator_set_id = delegated.operator_set_id
       AND active.snapshot = delegated.snapshot
      JOIN oracle_staker_share_snapshots AS share
        ON share.staker = delegated.staker
       AND share.strategy = active.strategy
       AND share.snapshot = delegated.day
     WHERE share.shares > 0
       AND active.multiplier <> 0
),
staker_weights AS (
    SELECT reward_hash, snapshot, token, operator, avs, operator_set_id, staker,
           tokens_per_registered_snapshot_decimal, staker_split_total,
           sum(shares * multiplier) AS staker_weight
      FROM share_rows
     GROUP BY reward_hash, snapshot, token, operator, avs, operator_set_id, staker,
              tokens_per_registered_snapshot_decimal, staker_split_total
),
total_weights AS (
    SELECT *,
           sum(staker_weight) OVER (PARTITION BY reward_hash, operator, snapshot)
               AS total_operator_weight
      FROM staker_weights
),
proportions AS (
    SELECT *,
           CASE WHEN total_operator_weight > 0
                THEN floor(staker_weight / total_operator_weight * 1000000000000000) / 1000000000000000
                ELSE 0 END AS staker_proportion
      FROM total_weights
)
SELECT reward_hash, snapshot, token, operator, avs, operator_set_id, staker,
       tokens_per_registered_snapshot_decimal, staker_split_total,
       staker_weight AS weighted_shares,
       staker_weight, total_operator_weight, staker_proportion,
       CASE WHEN total_operator_weight > 0
            THEN floor(staker_proportion * staker_split_total)
            ELSE 0 END AS staker_tokens
  FROM proportions;
