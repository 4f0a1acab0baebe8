-- Purpose: running share balance of every (staker, strategy) after each of its deltas.
-- Spec:    spec/02 §2 staker_shares; spec/00 §3 silver 2
-- Inputs:  staker_share_deltas, oracle_run
-- Columns: staker, strategy text · shares numeric · strategy_index int8 · transaction_hash text ·
--          log_index int8 · block_time timestamp · block_date text · block_number int8
-- Unique:  staker, strategy, transaction_hash, log_index, block_number; peers carry the same sum,
--          the lowest strategy_index stays (free choice, spec/02 §2 "one of them remains")
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_staker_shares ON COMMIT DROP AS
WITH running_sums AS (
    SELECT staker, strategy,
           -- RANGE: rows with the same (block_time, log_index) are peers and get the sum of all
           sum(shares) OVER (PARTITION BY staker, strategy
                             ORDER BY block_time, log_index
                             RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS shares,
           strategy_index, transaction_hash, log_index, block_time, block_date, block_number
      FROM staker_share_deltas
     WHERE block_date COLLATE "C" < to_char((SELECT cutoff FROM oracle_run), 'YYYY-MM-DD')
)
SELECT DISTINCT ON (staker, strategy, transaction_hash, log_index, block_number)
       staker, strategy, shares, strategy_index, transaction_hash, log_index,
       block_time, block_date, block_number
  FROM running_sums
 ORDER BY staker, strategy, transaction_hash, log_index, block_number, strategy_index;
ANALYZE oracle_staker_shares;
