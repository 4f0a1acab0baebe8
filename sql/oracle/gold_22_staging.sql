-- Purpose: the rows this run appends to gold_table (step 23 only appends them): distinct amounts of
--          every input, added up per earner, day, reward and token. Zero sums stay.
-- Spec:    spec/03 §22, §23; spec/00 §6 Q10, Q11. Inputs behind closed gates are empty relations
--          here, which is the same as leaving them out.
-- Inputs:  oracle_gold_02_… to oracle_gold_21_… except the active rewards 07, 11, 15
-- Columns: earner text · snapshot date · reward_hash, token text · amount numeric (snapshot is a date
--          already; the reference has timestamptz when v2.2 is open and turns it into a date in step 23)
-- Grain:   earner, snapshot, reward_hash, token
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_22_staging ON COMMIT DROP AS
WITH distinct_amounts AS (
    SELECT DISTINCT staker AS earner, snapshot AS snapshot, reward_hash, token, staker_tokens AS amount
      FROM oracle_gold_02_staker_reward_amounts
    UNION ALL
    SELECT DISTINCT operator, snapshot, reward_hash, token, operator_tokens
      FROM oracle_gold_03_operator_reward_amounts
    UNION ALL
    SELECT DISTINCT staker, snapshot, reward_hash, token, staker_tokens
      FROM oracle_gold_04_rewards_for_all
    UNION ALL
    SELECT DISTINCT staker, snapshot, reward_hash, token, staker_tokens
      FROM oracle_gold_05_rfae_stakers
    UNION ALL
    SELECT DISTINCT operator, snapshot, reward_hash, token, operator_tokens
      FROM oracle_gold_06_rfae_operators
    UNION ALL
    SELECT DISTINCT operator, snapshot, reward_hash, token, operator_tokens
      FROM oracle_gold_08_operator_od_reward_amounts
    UNION ALL
    SELECT DISTINCT staker, snapshot, reward_hash, token, staker_tokens
      FROM oracle_gold_09_staker_od_reward_amounts
    UNION ALL
    SELECT DISTINCT avs, snapshot, reward_hash, token, avs_tokens
      FROM oracle_gold_10_avs_od_reward_amounts
    UNION ALL
    SELECT DISTINCT operator, snapshot, reward_hash, token, operator_tokens
      FROM oracle_gold_12_operator_od_operator_set_reward_amounts
    UNION ALL
    SELECT DISTINCT staker, snapshot, reward_hash, token, staker_tokens
      FROM oracle_gold_13_staker_od_operator_set_reward_amounts
    UNION ALL
    SELECT DISTINCT avs, snapshot, reward_hash, token, avs_tokens
      FROM oracle_gold_14_avs_od_operator_set_reward_amounts
    UNION ALL
    SELECT DISTINCT operator, (snapshot AT TIME ZONE 'UTC')::date, reward_hash, token, operator_tokens
      FROM oracle_gold_16_operator_operator_set_unique_stake_rewards
    UNION ALL
    SELECT DISTINCT staker, (snapshot AT TIME ZONE 'UTC')::date, reward_hash, token, staker_tokens
      FROM oracle_gold_17_staker_operator_set_unique_stake_rewards
    UNION ALL
    SELECT DISTINCT avs, (snapshot AT TIME ZONE 'UTC')::date, reward_hash, token, avs_tokens
      FROM oracle_gold_18_avs_operator_set_unique_stake_rewards
    UNION ALL
    SELECT DISTINCT operator, (snapshot AT TIME ZONE 'UTC')::date, reward_hash, token, operator_tokens
      FROM oracle_gold_19_operator_operator_set_total_stake_rewards
    UNION ALL
    SELECT DISTINCT staker, (snapshot AT TIME ZONE 'UTC')::date, reward_hash, token, staker_tokens
      FROM oracle_gold_20_staker_operator_set_total_stake_rewards
    UNION ALL
    SELECT DISTINCT avs, (snapshot AT TIME ZONE 'UTC')::date, reward_hash, token, avs_tokens
      FROM oracle_gold_21_avs_operator_set_total_stake_rewards
)
SELECT earner, snapshot, reward_hash, token, sum(amount) AS amount
  FROM distinct_amounts
 GROUP BY earner, snapshot, reward_hash, token;
