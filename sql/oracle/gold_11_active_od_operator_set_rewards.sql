-- Purpose: operator-directed operator-set submissions per operator, strategy and active day, with the amount per
--          registered day of the current window. Empty while the gate v2.1 is closed.
-- Spec:    spec/03 §11 (step 7 on other inputs) and §0 (active days); spec/00 §3 gate v2.1, §6 Q1-Q5, Q9
-- Inputs:  oracle_operator_directed_operator_set_rewards, oracle_operator_set_operator_registration_snapshots,
--          oracle_watermarks, oracle_run
-- Columns: avs text · operator_set_id int8 · operator text · snapshot date · token text · amount_decimal numeric ·
--          multiplier numeric(78,0) · strategy text · duration int8 · reward_hash,
--          reward_submission_date text · num_registered_snapshots int8 ·
--          tokens_per_registered_snapshot_decimal numeric
-- Grain:   reward_hash, operator, strategy, multiplier, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_gold_11_active_od_operator_set_rewards ON COMMIT DROP AS
WITH input_rows AS (
    SELECT *
      FROM oracle_operator_directed_operator_set_rewards
     WHERE end_timestamp >= timestamp '1970-01-01'
       AND start_timestamp <= (SELECT cutoff FROM oracle_run)
       AND block_time <= (SELECT cutoff FROM oracle_run)
       AND (SELECT v2_1 FROM oracle_run)
),
with_window AS (
    SELECT rewards.*,
           floor(rewards.amount)                                                    AS amount_decimal,
           coalesce(watermark.last_snapshot, rewards.start_timestamp)               AS window_start,
           least((SELECT cutoff FROM oracle_run)::timestamp, rewards.end_timestamp) AS window_end
      FROM input_rows AS rewards
      LEFT JOIN oracle_watermarks AS watermark USING (reward_hash)
),
distinct_rewards AS (
    SELECT DISTINCT avs, operator_set_id, operator, window_end, token, amount_decimal, multiplier, strategy,
           reward_hash, duration, start_timestamp, window_start, block_date
      FROM with_window
     WHERE window_start < window_end
),
active_days AS (
    SELECT distinct_rewards.*, day::date AS snapshot
      FROM distinct_rewards
     CROSS JOIN LATERAL generate_series(date_trunc('day', window_start),
                                        date_trunc('day', window_end),
                                        interval '1 day') AS day
     WHERE day <> window_start
),
distinct_registered_days AS (
    SELECT DISTINCT reward_hash, operator, avs, operator_set_id, snapshot
      FROM active_days
      JOIN oracle_operator_set_operator_registration_snapshots
           USING (avs, operator_set_id, operator, snapshot)
),
registered_days AS (
    SELECT reward_hash, operator, count(*) AS n
      FROM distinct_registered_days
     GROUP BY reward_hash, operator
)
SELECT avs, operator_set_id, operator, snapshot, token, amount_decimal, multiplier, strategy, duration, reward_hash,
       block_date                        AS reward_submission_date,
       coalesce(n, 0)                    AS num_registered_snapshots,
       CASE WHEN coalesce(n, 0) = 0 THEN floor(amount_decimal / (duration / 86400))
            ELSE floor(amount_decimal / n)
       END                               AS tokens_per_registered_snapshot_decimal
  FROM active_days
  LEFT JOIN registered_days USING (reward_hash, operator);
ANALYZE oracle_gold_11_active_od_operator_set_rewards;
