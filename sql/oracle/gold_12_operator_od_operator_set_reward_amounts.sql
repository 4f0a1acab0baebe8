-- Purpose: the operator's own part of operator-directed operator-set rewards, on its registered days only.
-- Spec:    spec/03 §12 (step 8 on step 11) and §0 (cut, splits); spec/00 §6 Q15, Q19
-- Inputs:  oracle_gold_11_active_od_operator_set_rewards, oracle_operator_set_operator_registration_snapshots,
--          oracle_operator_set_split_snapshots, oracle_default_operator_split_snapshots
-- Columns: reward_hash text · snapshot date · token text · tokens_per_registered_snapshot_decimal numeric ·
--          avs text · operator_set_id int8 · operator, strategy text · multiplier numeric(78,0) ·
--          reward_submission_date text · split_pct, operator_tokens numeric
-- Grain:   reward_hash, snapshot, operator
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_12_operator_od_operator_set_reward_amounts ON COMMIT DROP AS
WITH registered_rows AS (
    SELECT active.*
      FROM oracle_gold_11_active_od_operator_set_rewards AS active
      JOIN oracle_operator_set_operator_registration_snapshots AS registration
           USING (avs, operator_set_id, operator, snapshot)
),
first_rows AS (
    SELECT DISTINCT ON (reward_hash, snapshot, operator) *
      FROM registered_rows
     ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier
),
with_split AS (
    SELECT first_rows.*,
           coalesce(set_split.split, default_split.split, 1000) AS split
      FROM first_rows
      LEFT JOIN oracle_operator_set_split_snapshots AS set_split
             USING (avs, operator_set_id, operator, snapshot)
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split USING (snapshot)
)
SELECT reward_hash, snapshot, token, tokens_per_registered_snapshot_decimal, avs, operator_set_id, operator, strategy,
       multiplier, reward_submission_date,
       split::numeric / 10000                                          AS split_pct,
       floor(tokens_per_registered_snapshot_decimal * split / 10000)   AS operator_tokens
  FROM with_split;
