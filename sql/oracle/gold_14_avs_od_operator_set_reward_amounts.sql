-- Purpose: refunds of operator-directed operator-set rewards to the avs: (A) operators without any
--          registered day in the current window, (B) from Colorado the stakers' part of registered
--          operators on days on which none of the reward's strategies is registered.
-- Spec:    spec/03 §14; spec/00 §4 (Colorado), §6 Q2, Q10, Q19
-- Inputs:  oracle_gold_11_active_od_operator_set_rewards,
--          oracle_operator_set_operator_registration_snapshots,
--          oracle_operator_set_strategy_registration_snapshots, oracle_operator_set_split_snapshots,
--          oracle_default_operator_split_snapshots, oracle_run
-- Columns: reward_hash text · snapshot date · token, avs text · operator_set_id int8 ·
--          operator text · avs_tokens numeric
-- Grain:   reward_hash, snapshot, operator within each of A and B
-- Choice:  first row = smallest strategy, then multiplier (spec/00 §7 U2; not visible here)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_14_avs_od_operator_set_reward_amounts ON COMMIT DROP AS
WITH unregistered_operators AS (
    SELECT DISTINCT ON (reward_hash, snapshot, operator) *
      FROM oracle_gold_11_active_od_operator_set_rewards
     WHERE num_registered_snapshots = 0
     ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier
),
operator_refunds AS (
    SELECT reward_hash, snapshot, token, avs, operator_set_id, operator,
           sum(tokens_per_registered_snapshot_decimal) OVER (PARTITION BY reward_hash, snapshot)
               AS avs_tokens
      FROM unregistered_operators
),
registered_rows AS (
    SELECT active.*
      FROM oracle_gold_11_active_od_operator_set_rewards AS active
      JOIN oracle_operator_set_operator_registration_snapshots AS registration
           USING (avs, operator_set_id, operator, snapshot)
     WHERE active.num_registered_snapshots <> 0
       AND active.reward_submission_date::date >= (SELECT colorado FROM oracle_run)
),
days_with_registered_strategy AS (   -- the set R
    SELECT DISTINCT reward_hash, snapshot, avs, operator_set_id
      FROM registered_rows
      JOIN oracle_operator_set_strategy_registration_snapshots AS registered_strategy
           USING (avs, operator_set_id, strategy, snapshot)
),
days_without_registered_strategy AS (
    SELECT registered_rows.*
      FROM registered_rows
      LEFT JOIN days_with_registered_strategy AS r
             ON r.reward_hash = registered_rows.reward_hash
            AND r.snapshot = registered_rows.snapshot
            AND r.avs = registered_rows.avs
            AND r.operator_set_id = registered_rows.operator_set_id
     WHERE r.reward_hash IS NULL
),
with_split AS (
    SELECT refunded.*,
           coalesce(set_split.split, default_split.split, 1000) AS split
      FROM days_without_registered_strategy AS refunded
      LEFT JOIN oracle_operator_set_split_snapshots AS set_split
             USING (avs, operator_set_id, operator, snapshot)
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split USING (snapshot)
),
staker_splits AS (
    SELECT *,
           tokens_per_registered_snapshot_decimal
           - floor(tokens_per_registered_snapshot_decimal * split / 10000) AS staker_split
      FROM with_split
),
first_staker_splits AS (
    SELECT DISTINCT ON (reward_hash, snapshot, operator) *
      FROM staker_splits
     ORDER BY reward_hash, snapshot, operator, strategy COLLATE "C", multiplier
),
staker_refunds AS (
    SELECT reward_hash, snapshot, token, avs, operator_set_id, operator,
           sum(staker_split) OVER (PARTITION BY reward_hash, snapshot) AS avs_tokens
      FROM first_staker_splits
)
SELECT * FROM operator_refunds
UNION ALL
SELECT * FROM staker_refunds;
