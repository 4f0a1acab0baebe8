-- Purpose: operator-directed (v2) reward submissions joined with their block, block_time < D.
-- Spec:    spec/02 §1 operator_directed_rewards; spec/00 §3 silver 9
-- Inputs:  operator_directed_reward_submissions, blocks, oracle_quarantine, oracle_run
-- Columns: avs, reward_hash, token, operator text · operator_index int4 · amount numeric ·
--          strategy text · strategy_index int4 · multiplier numeric(78,0) · start_timestamp,
--          end_timestamp timestamp · duration int8 · block_number int8 · block_time timestamp ·
--          block_date text
-- Unique:  avs, reward_hash, strategy_index, operator_index; the row of the earliest block stays,
--          within a block the lowest log_index (free choice, spec/00 §7 U3)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_directed_rewards ON COMMIT DROP AS
SELECT DISTINCT ON (submission.avs, submission.reward_hash,
                    submission.strategy_index, submission.operator_index)
       submission.avs,
       submission.reward_hash,
       submission.token,
       submission.operator,
       submission.operator_index,
       submission.amount,
       submission.strategy,
       submission.strategy_index,
       submission.multiplier,
       submission.start_timestamp,
       submission.end_timestamp,
       submission.duration,
       submission.block_number,
       block.block_time,
       to_char(block.block_time, 'YYYY-MM-DD') AS block_date
  FROM operator_directed_reward_submissions AS submission
  JOIN blocks AS block ON block.number = submission.block_number
 WHERE block.block_time < (SELECT cutoff FROM oracle_run)
   AND submission.reward_hash NOT IN (SELECT reward_hash FROM oracle_quarantine)
 ORDER BY submission.avs, submission.reward_hash,
          submission.strategy_index, submission.operator_index,
          block.block_time, submission.block_number, submission.log_index,
          submission.transaction_hash COLLATE "C";
ANALYZE oracle_operator_directed_rewards;
