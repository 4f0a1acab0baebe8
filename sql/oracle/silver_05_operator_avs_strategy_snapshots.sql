-- Purpose: the days on which an operator restakes a strategy with an avs: the day itself and the
--          day before have both been sampled. No cutoff filter at all (Q14).
-- Spec:    spec/02 §5; spec/00 §3 silver 5, §6 Q14
-- Inputs:  operator_restaked_strategies, oracle_run (directory address of the chain)
-- Columns: operator, avs, strategy text (lower case), snapshot date
-- Unique:  operator, avs, strategy, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_avs_strategy_snapshots ON COMMIT DROP AS
WITH sampled_days AS (
    SELECT DISTINCT
           lower(operator)  AS operator,
           lower(avs)       AS avs,
           lower(strategy)  AS strategy,
           block_time::date AS day
      FROM operator_restaked_strategies
     WHERE avs_directory_address = (SELECT avs_directory FROM oracle_run)
),
with_previous_day AS (
    SELECT operator, avs, strategy, day,
           lag(day) OVER (PARTITION BY operator, avs, strategy ORDER BY day) AS previous_day
      FROM sampled_days
)
SELECT operator, avs, strategy, day AS snapshot
  FROM with_previous_day
 WHERE previous_day = day - 1;
ANALYZE oracle_operator_avs_strategy_snapshots;
