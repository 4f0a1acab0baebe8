-- Purpose: unique-stake and total-stake (v2.2) reward submissions joined with their block,
--          block_time < D.
-- Spec:    spec/02 §1 stake_operator_set_rewards; spec/00 §3 silver 18
-- Inputs:  unique_stake_reward_submissions, total_stake_reward_submissions, blocks, oracle_quarantine, oracle_run
-- Columns: avs text · operator_set_id int8 · reward_hash, token text · amount numeric ·
--          strategy text · strategy_index int4 · multiplier numeric(78,0) · start_timestamp,
--          end_timestamp timestamp · duration int8 · reward_type text (unique_stake, total_stake) ·
--          block_number int8 · block_time timestamp · block_date text
-- Unique:  block_number, reward_hash, strategy_index, reward_type; the lowest log_index stays
--          (free choice, spec/00 §7 U3)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_stake_operator_set_rewards ON COMMIT DROP AS
WITH submissions AS (
    SELECT avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index, multiplier,
           start_timestamp, end_timestamp, duration, 'unique_stake'::text AS reward_type,
           block_number, transaction_hash, log_index
      FROM unique_stake_reward_submissions
    UNION ALL
    SELECT avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index, multiplier,
           start_timestamp, end_timestamp, duration, 'total_stake'::text AS reward_type,
           block_number, transaction_hash, log_index
      FROM total_stake_reward_submissions
)
SELECT DISTINCT ON (submission.block_number, submission.reward_hash,
                    submission.strategy_index, submission.reward_type)
       submission.avs,
       submission.operator_set_id,
       submission.reward_hash,
       submission.token,
       submission.amount,
       submission.strategy,
       submission.strategy_index,
       submission.multiplier,
       submission.start_timestamp,
       submission.end_timestamp,
       submission.duration,
       submission.reward_type,
       submission.block_number,
       block.block_time,
       to_char(block.block_time, 'YYYY-MM-DD') AS block_date
  FROM submissions AS submission
  JOIN blocks AS block ON block.number = submission.block_number
 WHERE block.block_time < (SELECT cutoff FROM oracle_run)
   AND submission.reward_hash NOT IN (SELECT reward_hash FROM oracle_quarantine)
 ORDER BY submission.block_number, submission.reward_hash,
          submission.strategy_index, submission.reward_type,
          submission.log_index, submission.transaction_hash COLLATE "C";
ANALYZE oracle_stake_operator_set_rewards;
