-- Purpose: what operators get from `avs` rewards: the sum of their shares of step 2.
-- Spec:    spec/03 §3
-- Inputs:  oracle_gold_02_staker_reward_amounts
-- Columns: reward_hash text · snapshot date · token text · tokens_per_day float8 · avs, strategy text ·
--          multiplier numeric(78,0) · reward_type, operator text · operator_tokens numeric
-- Grain:   reward_hash, snapshot, operator
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_03_operator_reward_amounts ON COMMIT DROP AS
WITH operator_sums AS (
    SELECT reward_hash, snapshot, token, tokens_per_day, avs, strategy, multiplier, reward_type, operator,
           sum(operator_tokens) OVER (PARTITION BY operator, reward_hash, snapshot) AS operator_tokens
      FROM oracle_gold_02_staker_reward_amounts
)
SELECT DISTINCT ON (reward_hash, snapshot, operator)
       reward_hash, snapshot, token, tokens_per_day, avs, strategy, multiplier, reward_type,
       operator, operator_tokens
  FROM operator_sums
 ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier;
