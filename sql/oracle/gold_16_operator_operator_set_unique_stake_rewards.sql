-- Purpose: division of a unique-stake pool among the registered operators by allocated stake, and
--          the operators' own part.
-- Spec:    spec/03 §16 and §0 (cut, splits); spec/04 §5 (display scales); spec/00 §6 Q6, Q31
-- Inputs:  oracle_gold_15_active_unique_and_total_stake_rewards,
--          oracle_operator_set_operator_registration_snapshots, oracle_operator_allocation_snapshots,
--          oracle_operator_share_snapshots, oracle_operator_set_split_snapshots,
--          oracle_default_operator_split_snapshots
-- Columns: reward_hash text · snapshot timestamptz · token text · tokens_per_registered_snapshot_decimal
--          numeric · avs text · operator_set_id int8 · operator, strategy text · multiplier
--          numeric(78,0) · reward_submission_date text · operator_allocated_weight,
--          adjusted_tokens_per_snapshot, split_pct, operator_tokens numeric
-- Grain:   reward_hash, snapshot, operator
-- Choice:  kept row = multiplier <> 0 first, then smallest strategy, then multiplier (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_16_operator_operator_set_unique_stake_rewards ON COMMIT DROP AS
WITH active AS (
    SELECT *, (snapshot AT TIME ZONE 'UTC')::date AS day
      FROM oracle_gold_15_active_unique_and_total_stake_rewards
     WHERE reward_type = 'unique_stake'
),
allocated_rows AS (
    SELECT active.*, registration.operator, allocation.magnitude, allocation.max_magnitude, share.shares
      FROM active
      JOIN oracle_operator_set_operator_registration_snapshots AS registration
        ON registration.avs = active.avs
       AND registration.operator_set_id = active.operator_set_id
       AND registration.snapshot = active.day
      JOIN oracle_operator_allocation_snapshots AS allocation
        ON allocation.operator = registration.operator
       AND allocation.avs = active.avs
       AND allocation.strategy = active.strategy
       AND allocation.operator_set_id = active.operator_set_id
       AND allocation.snapshot = active.day
      JOIN oracle_operator_share_snapshots AS share
        ON share.operator = registration.operator
       AND share.strategy = active.strategy
       AND share.snapshot = active.day
     WHERE allocation.magnitude > 0
       AND allocation.max_magnitude > 0
       AND share.shares > 0
),
operator_weights AS (
    SELECT *,
           sum(shares * magnitude / max_magnitude * multiplier)
               OVER (PARTITION BY reward_hash, snapshot, operator) AS operator_allocated_weight
      FROM allocated_rows
),
one_row_per_operator AS (
    SELECT DISTINCT ON (reward_hash, snapshot, operator) *
      FROM operator_weights
     ORDER BY reward_hash, snapshot, operator,
              multiplier <> 0 DESC, strategy COLLATE "C", multiplier
),
total_weights AS (
    SELECT *, sum(operator_allocated_weight) OVER (PARTITION BY reward_hash, snapshot) AS total_weight
      FROM one_row_per_operator
),
positive_weights AS MATERIALIZED (
    SELECT * FROM total_weights WHERE total_weight > 0
),
operator_pools AS (
    SELECT *,
           floor(tokens_per_day_decimal * operator_allocated_weight / total_weight)
               AS tokens_per_registered_snapshot_decimal
      FROM positive_weights
),
with_split AS (
    SELECT operator_pools.*,
           coalesce(set_split.split, default_split.split, 1000) AS split
      FROM operator_pools
      LEFT JOIN oracle_operator_set_split_snapshots AS set_split
             ON set_split.operator = operator_pools.operator
            AND set_split.avs = operator_pools.avs
            AND set_split.operator_set_id = operator_pools.operator_set_id
            AND set_split.snapshot = operator_pools.day
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split
             ON default_split.snapshot = operator_pools.day
)
SELECT reward_hash, snapshot, token, tokens_per_registered_snapshot_decimal, avs, operator_set_id,
       operator, strategy, multiplier, reward_submission_date, operator_allocated_weight,
       tokens_per_registered_snapshot_decimal                        AS adjusted_tokens_per_snapshot,
       split::numeric / 10000                                        AS split_pct,
       floor(tokens_per_registered_snapshot_decimal * split / 10000) AS operator_tokens
  FROM with_split;
ANALYZE oracle_gold_16_operator_operator_set_unique_stake_rewards;
