-- Purpose: the operator's own part of operator-directed rewards, on its registered days only.
-- Spec:    spec/03 §8 and §0 (cut, splits, pre); spec/00 §6 Q15, Q18
-- Inputs:  oracle_gold_07_active_od_rewards, oracle_operator_avs_registration_snapshots,
--          oracle_operator_avs_split_snapshots, oracle_default_operator_split_snapshots, oracle_run
-- Columns: reward_hash text · snapshot date · token text · tokens_per_registered_snapshot_decimal numeric ·
--          avs text · operator, strategy text · multiplier numeric(78,0) ·
--          reward_submission_date text · split_pct, operator_tokens numeric
-- Grain:   reward_hash, snapshot, operator
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_08_operator_od_reward_amounts ON COMMIT DROP AS
WITH registered_rows AS (
    SELECT active.*
      FROM oracle_gold_07_active_od_rewards AS active
      JOIN oracle_operator_avs_registration_snapshots AS registration
           USING (avs, operator, snapshot)
),
first_rows AS (
    SELECT DISTINCT ON (reward_hash, snapshot, operator) *
      FROM registered_rows
     ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier
),
with_split AS (
    SELECT first_rows.*,
           -- pre(Trinity): both dates before the fork, i.e. the later one is
           CASE WHEN greatest(snapshot, reward_submission_date::date) < (SELECT trinity FROM oracle_run)
                THEN coalesce(avs_split.split, 1000)
                ELSE coalesce(avs_split.split, default_split.split, 1000)
           END AS split
      FROM first_rows
      LEFT JOIN oracle_operator_avs_split_snapshots AS avs_split USING (avs, operator, snapshot)
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split USING (snapshot)
)
SELECT reward_hash, snapshot, token, tokens_per_registered_snapshot_decimal, avs, operator, strategy,
       multiplier, reward_submission_date,
       split::numeric / 10000                                          AS split_pct,
       floor(tokens_per_registered_snapshot_decimal * split / 10000)   AS operator_tokens
  FROM with_split;
