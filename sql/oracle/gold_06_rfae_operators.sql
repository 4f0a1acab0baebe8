-- Purpose: what operators get from `all_earners` rewards: the sum of their shares of step 5.
-- Spec:    spec/03 §6 (step 3 applied to step 5)
-- Inputs:  oracle_gold_05_rfae_stakers
-- Columns: reward_hash text · snapshot date · token text · tokens_per_day_decimal numeric · avs,
--          strategy text · multiplier numeric(78,0) · reward_type, operator text · operator_tokens numeric
-- Grain:   reward_hash, snapshot, operator
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_06_rfae_operators ON COMMIT DROP AS
WITH operator_sums AS (
    SELECT reward_hash, snapshot, token, tokens_per_day_decimal, avs, strategy, multiplier,
           reward_type, operator,
           sum(operator_tokens) OVER (PARTITION BY operator, reward_hash, snapshot) AS operator_tokens
      FROM oracle_gold_05_rfae_stakers
)
SELECT DISTINCT ON (reward_hash, snapshot, operator)
       reward_hash, snapshot, token, tokens_per_day_decimal, avs, strategy, multiplier, reward_type,
       operator, operator_tokens
  FROM operator_sums
 ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier;
