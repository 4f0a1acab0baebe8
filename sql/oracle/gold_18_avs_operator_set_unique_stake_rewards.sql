-- Purpose: refunds of unique-stake pools to the avs: the whole pool of a day on which neither an operator
--          nor a staker got anything; otherwise nothing (leftovers are lost, Q22).
-- Spec:    spec/03 §18; spec/00 §6 Q22
-- Inputs:  oracle_gold_15_active_unique_and_total_stake_rewards,
--          oracle_gold_16_operator_operator_set_unique_stake_rewards,
--          oracle_gold_17_staker_operator_set_unique_stake_rewards
-- Columns: reward_hash text · snapshot timestamptz · token, avs text · operator_set_id int8 ·
--          avs_tokens numeric
-- Grain:   reward_hash, snapshot, token, avs, operator_set_id
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_18_avs_operator_set_unique_stake_rewards ON COMMIT DROP AS
WITH pools AS (
    SELECT reward_hash, snapshot, token, avs, operator_set_id, max(tokens_per_day_decimal) AS pool
      FROM oracle_gold_15_active_unique_and_total_stake_rewards
     WHERE reward_type = 'unique_stake'
     GROUP BY reward_hash, snapshot, token, avs, operator_set_id
),
operator_sums AS (
    SELECT reward_hash, snapshot, avs, operator_set_id, sum(operator_tokens) AS distributed
      FROM oracle_gold_16_operator_operator_set_unique_stake_rewards
     GROUP BY reward_hash, snapshot, avs, operator_set_id
),
staker_sums AS (
    SELECT reward_hash, snapshot, avs, operator_set_id, sum(staker_tokens) AS distributed
      FROM oracle_gold_17_staker_operator_set_unique_stake_rewards
     GROUP BY reward_hash, snapshot, avs, operator_set_id
)
SELECT reward_hash, snapshot, token, avs, operator_set_id, pool AS avs_tokens
  FROM pools
  LEFT JOIN operator_sums USING (reward_hash, snapshot, avs, operator_set_id)
  LEFT JOIN staker_sums   USING (reward_hash, snapshot, avs, operator_set_id)
 WHERE coalesce(operator_sums.distributed, 0) + coalesce(staker_sums.distributed, 0) = 0;
