-- Purpose: what stakers and their operators get from `avs` rewards.
-- Spec:    spec/03 §2 and §0 (share rows, prop, cut, splits, pre); spec/04 §4, §6; spec/00 §6 Q6-Q8, Q18, Q20, Q30
-- Inputs:  oracle_gold_01_active_rewards, oracle_operator_avs_registration_snapshots,
--          oracle_operator_avs_strategy_snapshots, oracle_staker_delegation_snapshots,
--          oracle_staker_share_snapshots, oracle_operator_avs_split_snapshots,
--          oracle_default_operator_split_snapshots, oracle_run
-- Columns: reward_hash text · snapshot date · token text · tokens_per_day float8 ·
--          tokens_per_day_decimal numeric · avs, strategy text · multiplier numeric(78,0) ·
--          reward_type, reward_submission_date, operator, staker text · shares, staker_weight,
--          total_weight, staker_proportion, total_staker_operator_payout, operator_tokens,
--          staker_tokens numeric
-- Grain:   reward_hash, snapshot, staker
-- Choice:  first row = smallest strategy, then multiplier, then operator, texts in byte order
--          (the reference orders by strategy only, spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_02_staker_reward_amounts ON COMMIT DROP AS
WITH registered_operators AS (
    SELECT active.*, registration.operator
      FROM oracle_gold_01_active_rewards AS active
      JOIN oracle_operator_avs_registration_snapshots AS registration USING (avs, snapshot)
     WHERE active.reward_type = 'avs'
),
restaked_strategies AS (
    SELECT registered.*
      FROM registered_operators AS registered
      JOIN oracle_operator_avs_strategy_snapshots AS restaked USING (operator, avs, strategy, snapshot)
),
share_rows AS (
    SELECT restaked.*, delegation.staker, share.shares
      FROM restaked_strategies AS restaked
      JOIN oracle_staker_delegation_snapshots AS delegation USING (operator, snapshot)
      JOIN oracle_staker_share_snapshots AS share USING (staker, strategy, snapshot)
     WHERE share.shares > 0
       AND restaked.multiplier <> 0
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
    SELECT *, sum(staker_weight) OVER (PARTITION BY reward_hash, snapshot) AS total_weight
      FROM first_rows
),
proportions AS (
    SELECT *,
           floor(staker_weight / total_weight * 1000000000000000) / 1000000000000000
               AS staker_proportion,
           -- pre(fork) of the spec: both dates before the fork, i.e. the later one is
           greatest(snapshot, reward_submission_date::date) AS later_date
      FROM total_weights
),
payouts AS (
    SELECT proportions.*,
           CASE WHEN later_date < (SELECT amazon FROM oracle_run)
                THEN (staker_proportion * tokens_per_day)::numeric(38, 0)
                WHEN later_date < (SELECT nile FROM oracle_run)
                THEN (staker_proportion * tokens_per_day)::text::numeric(38, 0)
                ELSE floor(staker_proportion * tokens_per_day_decimal)
           END AS total_staker_operator_payout
      FROM proportions
),
operator_amounts AS (
    SELECT payouts.*,
           CASE WHEN later_date < (SELECT amazon FROM oracle_run)
                  OR later_date < (SELECT nile FROM oracle_run)
                THEN round(total_staker_operator_payout * 0.10)
                WHEN later_date < (SELECT arno FROM oracle_run)
                THEN floor(total_staker_operator_payout * 0.10)
                WHEN later_date < (SELECT trinity FROM oracle_run)
                THEN floor(total_staker_operator_payout * coalesce(avs_split.split, 1000) / 10000)
                ELSE floor(total_staker_operator_payout
                           * coalesce(avs_split.split, default_split.split, 1000) / 10000)
           END AS operator_tokens
      FROM payouts
      LEFT JOIN oracle_operator_avs_split_snapshots AS avs_split USING (operator, avs, snapshot)
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split USING (snapshot)
)
SELECT reward_hash, snapshot, token, tokens_per_day, tokens_per_day_decimal, avs, strategy,
       multiplier, reward_type, reward_submission_date, operator, staker, shares,
       staker_weight, total_weight, staker_proportion,
       total_staker_operator_payout,
       operator_tokens,
       total_staker_operator_payout - operator_tokens AS staker_tokens
  FROM operator_amounts;
ANALYZE oracle_gold_02_staker_reward_amounts;
