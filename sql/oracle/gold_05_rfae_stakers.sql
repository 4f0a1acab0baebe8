-- Purpose: what stakers and their operators get from `all_earners` rewards (programmatic incentives).
-- Spec:    spec/03 §5 and §0 (share rows, prop, cut, splits, pre); spec/00 §6 Q6, Q16, Q18, Q28-Q30
-- Inputs:  oracle_gold_01_active_rewards, oracle_operator_avs_registration_snapshots,
--          oracle_operator_set_operator_registration_snapshots, oracle_staker_delegation_snapshots,
--          oracle_staker_share_snapshots, excluded_addresses, oracle_operator_pi_split_snapshots,
--          oracle_default_operator_split_snapshots, oracle_run
-- Columns: reward_hash text · snapshot date · token text · tokens_per_day_decimal numeric · avs,
--          strategy text · multiplier numeric(78,0) · reward_type, reward_submission_date, operator,
--          staker text · shares numeric · excluded_address text (null unless matched) ·
--          staker_weight, total_weight, staker_proportion, total_staker_operator_payout,
--          operator_tokens, staker_tokens numeric
-- Grain:   reward_hash, snapshot, staker
-- Choice:  first row = smallest strategy, then multiplier, then operator (spec/00 §7 U2)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_05_rfae_stakers ON COMMIT DROP AS
WITH operators_of_the_day AS (
    SELECT operator, snapshot
      FROM oracle_operator_avs_registration_snapshots
    UNION
    SELECT operator, snapshot
      FROM oracle_operator_set_operator_registration_snapshots
     WHERE snapshot >= (SELECT mississippi FROM oracle_run)
),
registered_operators AS (
    SELECT active.*, operators.operator
      FROM oracle_gold_01_active_rewards AS active
      JOIN operators_of_the_day AS operators USING (snapshot)
     WHERE active.reward_type = 'all_earners'
),
share_rows AS (
    SELECT registered.*, delegation.staker, share.shares
      FROM registered_operators AS registered
      JOIN oracle_staker_delegation_snapshots AS delegation USING (operator, snapshot)
      JOIN oracle_staker_share_snapshots AS share USING (staker, strategy, snapshot)
     WHERE share.shares > 0
       AND registered.multiplier <> 0
),
not_excluded AS (
    SELECT share_rows.*, excluded.address AS excluded_address
      FROM share_rows
      LEFT JOIN excluded_addresses AS excluded
        ON excluded.address = share_rows.staker
       AND excluded.network = (SELECT chain FROM oracle_run)
     WHERE NOT (excluded.address IS NOT NULL
                AND share_rows.snapshot < (SELECT panama FROM oracle_run))
),
staker_weights AS (
    SELECT *,
           sum(multiplier * shares) OVER (PARTITION BY staker, reward_hash, snapshot) AS staker_weight
      FROM not_excluded
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
    SELECT *, floor(staker_proportion * tokens_per_day_decimal) AS total_staker_operator_payout
      FROM proportions
),
operator_amounts AS (
    SELECT payouts.*,
           CASE WHEN later_date < (SELECT arno FROM oracle_run)
                THEN floor(total_staker_operator_payout * 0.10)
                WHEN later_date < (SELECT trinity FROM oracle_run)
                THEN floor(total_staker_operator_payout * coalesce(pi_split.split, 1000) / 10000)
                ELSE floor(total_staker_operator_payout
                           * coalesce(pi_split.split, default_split.split, 1000) / 10000)
           END AS operator_tokens
      FROM payouts
      LEFT JOIN oracle_operator_pi_split_snapshots AS pi_split USING (operator, snapshot)
      LEFT JOIN oracle_default_operator_split_snapshots AS default_split USING (snapshot)
)
SELECT reward_hash, snapshot, token, tokens_per_day_decimal, avs, strategy,
       multiplier, reward_type, reward_submission_date, operator, staker, shares, excluded_address,
       staker_weight, total_weight, staker_proportion,
       total_staker_operator_payout,
       operator_tokens,
       total_staker_operator_payout - operator_tokens AS staker_tokens
  FROM operator_amounts;
ANALYZE oracle_gold_05_rfae_stakers;
