-- Purpose: refunds of operator-directed rewards to the avs, for operators without any registered day
--          in the current window. The sum over the operators is repeated on every operator's row.
-- Spec:    spec/03 §10; spec/00 §6 Q2, Q10
-- Inputs:  oracle_gold_07_active_od_rewards
-- Columns: reward_hash text · snapshot date · token, avs, operator text · avs_tokens numeric
-- Grain:   reward_hash, snapshot, operator
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2; not visible here)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_10_avs_od_reward_amounts ON COMMIT DROP AS
WITH first_rows AS (
    SELECT DISTINCT ON (reward_hash, snapshot, operator) *
      FROM oracle_gold_07_active_od_rewards
     WHERE num_registered_snapshots = 0
     ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier
)
SELECT reward_hash, snapshot, token, avs, operator,
       sum(tokens_per_registered_snapshot_decimal) OVER (PARTITION BY reward_hash, snapshot) AS avs_tokens
  FROM first_rows;
