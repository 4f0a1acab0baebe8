-- Purpose: the stakers' part of operator-directed rewards: what the operator leaves, shared among its stakers.
-- Spec:    spec/03 §9 and §0 (rest, share rows, prop, splits); spec/00 §6 Q15, Q18-Q20
-- Inputs:  oracle_gold_07_active_od_rewards, oracle_operator_avs_registration_snapshots,
--          oracle_operator_avs_split_snapshots, oracle_default_operator_split_snapshots,
--          oracle_staker_delegation_snapshots, oracle_staker_share_snapshots, oracle_run
-- Columns: reward_hash text · snapshot date · token text · tokens_per_registered_snapshot_decimal numeric ·
--          avs text · operator, strategy text · multiplier numeric(78,0) ·
--          reward_submission_date text · staker_split numeric · staker text · shares, staker_weight,
--          total_weight, staker_proportion, staker_tokens numeric
-- Grain:   reward_hash, snapshot, staker
-- Choice:  first row = smallest strategy, then multiplier, then operator (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_09_staker_od_reward_amounts ON COMMIT DROP AS
WITH registered_rows AS (
    SELECT active.*
      FROM oracle_gold_07_active_od_rewards AS active
      JOIN oracle_operator_avs_registration_snapshots AS registration
           USING (avs, operator, snapshot)
),
with_split AS (
    SELECT registered_rows.*,
           -- pre(Trinity): both dates before the fork, i.e. the later one is
           CASE WHEN greatest(snapshot, reward_submission_date::date) < (SELECT trinity FROM oracle_run)
                THEN coalesce(avs_split.split, 1000)
                ELSE coalesce(avs_split.split, default_split.split, 1000)
           END AS split
      FROM registered_rows
      LEFT JOIN oracle_operator_avs_split_snapshots AS avs_split USING (avs, operator, snapshot)
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split USING (snapshot)
),
staker_splits AS (
    SELECT *,
           tokens_per_registered_snapshot_decimal
           - floor(tokens_per_registered_snapshot_decimal * split / 10000) AS staker_split
      FROM with_split
),
share_rows AS (
    SELECT staker_splits.*, delegation.staker, share.shares
      FROM staker_splits
      JOIN oracle_staker_delegation_snapshots AS delegation USING (operator, snapshot)
      JOIN oracle_staker_share_snapshots AS share USING (staker, strategy, snapshot)
     WHERE share.shares > 0
       AND staker_splits.multiplier <> 0
),
staker_weights AS (
    SELECT *,
           sum(multiplier * shares) OVER (PARTITION BY staker, reward_hash, snapshot) AS staker_weight
      FROM share_rows
),
first_rows AS (
    SELECT DISTINCT ON (reward_hash, snapshot, staker) *
      FROM staker_weights
     ORDER BY reward_hash, snapshot, staker,
              strategy COLLATE "C", multiplier, operator COLLATE "C"
),
total_weights AS (
    SELECT *, sum(staker_weight) OVER (PARTITION BY reward_hash, operator, snapshot) AS total_weight
      FROM first_rows
),
proportions AS (
    SELECT *,
           floor(staker_weight / total_weight * 1000000000000000) / 1000000000000000
               AS staker_proportion
      FROM total_weights
)
SELECT reward_hash, snapshot, token, tokens_per_registered_snapshot_decimal, avs, operator, strategy,
       multiplier, reward_submission_date, staker_split, staker, shares, staker_weight,
       total_weight, staker_proportion,
       floor(staker_proportion * staker_split) AS staker_tokens
  FROM proportions;
