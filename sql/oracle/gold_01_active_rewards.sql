-- Purpose: v1 submissions per strategy and active day, with their tokens per day.
-- Spec:    spec/03 §1 and §0 (active days); spec/04 §6; spec/00 §6 Q1, Q4, Q5, Q9, Q32
-- Inputs:  oracle_combined_rewards, oracle_watermarks, oracle_run
-- Columns: avs text · snapshot date · token text · tokens_per_day float8 ·
--          tokens_per_day_decimal numeric · multiplier numeric(78,0) · strategy, reward_hash,
--          reward_type, reward_submission_date text
-- Grain:   reward_hash, strategy, multiplier, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_01_active_rewards ON COMMIT DROP AS
WITH input_rows AS MATERIALIZED (
    SELECT *
      FROM oracle_combined_rewards
     WHERE end_timestamp >= timestamp '1970-01-01'
       AND start_timestamp <= (SELECT cutoff FROM oracle_run)
       AND block_time <= (SELECT cutoff FROM oracle_run)
),
-- evaluated for every input row: a submission shorter than a day is an error (Q32)
raw_tokens_per_day AS MATERIALIZED (
    SELECT *, amount / (duration / 86400) AS raw
      FROM input_rows
),
with_window AS (
    SELECT rewards.*,
           coalesce(watermark.last_snapshot, rewards.start_timestamp)                 AS window_start,
           least((SELECT cutoff FROM oracle_run)::timestamp, rewards.end_timestamp)   AS window_end
      FROM raw_tokens_per_day AS rewards
      LEFT JOIN oracle_watermarks AS watermark USING (reward_hash)
),
distinct_rewards AS (
    SELECT DISTINCT avs, window_end, token, raw, multiplier, strategy, reward_hash,
           start_timestamp, window_start, reward_type, block_date
      FROM with_window
     WHERE window_start < window_end
)
SELECT avs,
       day::date                                                         AS snapshot,
       token,
       raw::float8 * ((power(10, 15) - 1) / power(10, 15))               AS tokens_per_day,
       floor(raw)                                                        AS tokens_per_day_decimal,
       multiplier,
       strategy,
       reward_hash,
       reward_type,
       block_date                                                        AS reward_submission_date
  FROM distinct_rewards
 CROSS JOIN LATERAL generate_series(date_trunc('day', window_start), date_trunc('day', window_end),
                                    interval '1 day') AS day
 WHERE day <> window_start;
ANALYZE oracle_gold_01_active_rewards;
