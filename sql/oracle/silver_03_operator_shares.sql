-- Purpose: running share balance of every (operator, strategy) after each of its deltas.
-- Spec:    spec/02 §2 operator_shares; spec/00 §3 silver 3
-- Inputs:  operator_share_deltas, oracle_run
-- Columns: operator, strategy text · shares numeric · transaction_hash text · log_index int8 ·
--          block_time timestamp · block_date text · block_number int8
-- Unique:  operator, strategy, transaction_hash, log_index, block_number; deltas of different
--          stakers in one log are peers with the same sum, so it does not matter which one stays
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_shares ON COMMIT DROP AS
WITH running_sums AS (
    SELECT operator, strategy,
           -- RANGE: rows with the same (block_time, log_index) are peers and get the sum of all
           sum(shares) OVER (PARTITION BY operator, strategy
                             ORDER BY block_time, log_index
                             RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS shares,
           transaction_hash, log_index, block_time, block_date, block_number
      FROM operator_share_deltas
     WHERE block_date COLLATE "C" < to_char((SELECT cutoff FROM oracle_run), 'YYYY-MM-DD')
)
SELECT DISTINCT ON (operator, strategy, transaction_hash, log_index, block_number)
       operator, strategy, shares, transaction_hash, log_index,
       block_time, block_date, block_number
  FROM running_sums
 ORDER BY operator, strategy, transaction_hash, log_index, block_number, block_time;
ANALYZE oracle_operator_shares;
