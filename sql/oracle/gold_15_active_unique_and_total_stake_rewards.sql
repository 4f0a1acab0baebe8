-- Purpose: unique-stake and total-stake submissions per strategy position and active day up to D-1,
--          with the pool per day. Empty while the gate v2.2 is closed.
-- Spec:    spec/03 §15 and §0 (active days, cap D-1); spec/00 §3 gate v2.2, §6 Q1, Q4, Q5, Q9
-- Inputs:  oracle_stake_operator_set_rewards, oracle_watermarks, oracle_run
-- Columns: avs text · operator_set_id int8 · reward_hash, token text · amount numeric · strategy text ·
--          strategy_index int4 · multiplier numeric(78,0) · reward_type text · reward_start_exclusive,
--          reward_end_inclusive timestamp · duration int8 · global_end_inclusive timestamp ·
--          reward_submission_date text · snapshot timestamptz (00:00 UTC) · tokens_per_day_decimal numeric
-- Grain:   reward_hash, strategy_index, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_15_active_unique_and_total_stake_rewards ON COMMIT DROP AS
WITH input_rows AS (
    SELECT *, ((SELECT cutoff FROM oracle_run) - 1)::timestamp AS global_end_inclusive
      FROM oracle_stake_operator_set_rewards
     WHERE end_timestamp >= timestamp '1970-01-01'
       AND start_timestamp <= (SELECT cutoff FROM oracle_run)
       AND block_time <= (SELECT cutoff FROM oracle_run)
       AND (SELECT v2_2 FROM oracle_run)
),
with_window AS (
    SELECT rewards.*,
           coalesce(watermark.last_snapshot, rewards.start_timestamp) AS reward_start_exclusive,
           least(global_end_inclusive, rewards.end_timestamp)         AS reward_end_inclusive
      FROM input_rows AS rewards
      LEFT JOIN oracle_watermarks AS watermark USING (reward_hash)
),
distinct_rewards AS (
    SELECT DISTINCT avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index,
           multiplier, reward_type, reward_start_exclusive, reward_end_inclusive, duration,
           global_end_inclusive, start_timestamp, block_date
      FROM with_window
     WHERE reward_start_exclusive < reward_end_inclusive
)
SELECT avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index, multiplier,
       reward_type, reward_start_exclusive, reward_end_inclusive, duration, global_end_inclusive,
       block_date                                                   AS reward_submission_date,
       day AT TIME ZONE 'UTC'                                       AS snapshot,
       floor(amount::numeric(78, 0) / (duration / 86400))           AS tokens_per_day_decimal
  FROM distinct_rewards
 CROSS JOIN LATERAL generate_series(date_trunc('day', reward_start_exclusive),
                                    date_trunc('day', reward_end_inclusive),
                                    interval '1 day') AS day
 WHERE day <> reward_start_exclusive;
ANALYZE oracle_gold_15_active_unique_and_total_stake_rewards;
