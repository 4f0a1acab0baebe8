-- Purpose: operator-directed reward submissions for operator sets (v2.1) joined with their block,
--          block_time < D.
-- Spec:    spec/02 §1 operator_directed_operator_set_rewards; spec/00 §3 silver 13
-- Inputs:  operator_directed_operator_set_reward_submissions, blocks, oracle_quarantine, oracle_run
-- Columns: avs text · operator_set_id int8 · reward_hash, token, operator text ·
--          operator_index int4 · amount numeric · strategy text · strategy_index int4 ·
--          multiplier numeric(78,0) · start_timestamp, end_timestamp timestamp · duration int8 ·
--          block_number int8 · block_time timestamp · block_date text
-- Unique:  block_number, reward_hash, strategy_index, operator_index and
--          avs, operator_set_id, reward_hash, operator_index, strategy_index. A row stays if it
--          comes first under both keys: earliest block, then lowest log_index (free choice, U3)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_directed_operator_set_rewards ON COMMIT DROP AS
WITH first_per_block AS (
    SELECT DISTINCT ON (submission.block_number, submission.reward_hash,
                        submission.strategy_index, submission.operator_index)
           submission.*, block.block_time
      FROM operator_directed_operator_set_reward_submissions AS submission
      JOIN blocks AS block ON block.number = submission.block_number
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
   AND submission.reward_hash NOT IN (SELECT reward_hash FROM oracle_quarantine)
     ORDER BY submission.block_number, submission.reward_hash,
              submission.strategy_index, submission.operator_index,
              submission.log_index, submission.transaction_hash COLLATE "C"
)
SELECT DISTINCT ON (avs, operator_set_id, reward_hash, operator_index, strategy_index)
       avs,
       operator_set_id,
       reward_hash,
       token,
       operator,
       operator_index,
       amount,
       strategy,
       strategy_index,
       multiplier,
       start_timestamp,
       end_timestamp,
       duration,
       block_number,
       block_time,
       to_char(block_time, 'YYYY-MM-DD') AS block_date
  FROM first_per_block
 ORDER BY avs, operator_set_id, reward_hash, operator_index, strategy_index,
          block_time, block_number, log_index, transaction_hash COLLATE "C";
ANALYZE oracle_operator_directed_operator_set_rewards;
