-- Purpose: the days on which a strategy belongs to an operator set; ends are rounded up (the day of
--          the next row is included) and open registrations reach D.
-- Spec:    spec/02 §4 (pattern B); spec/00 §3 silver 16, §6 Q12, Q13
-- Inputs:  operator_set_strategy_registrations, blocks, oracle_run
-- Columns: strategy, avs text, operator_set_id int8, snapshot date
-- Unique:  avs, operator_set_id, strategy, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_set_strategy_registration_snapshots ON COMMIT DROP AS
WITH state_rows AS (
    SELECT change.strategy, change.avs, change.operator_set_id, change.is_active,
           block.block_time, change.log_index, change.block_number,
           block.block_time::date AS day
      FROM operator_set_strategy_registrations AS change
      JOIN blocks AS block ON block.number = change.block_number
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
),
with_neighbours AS (
    SELECT strategy, avs, operator_set_id, is_active, day,
           lag(is_active)  OVER full_list AS prev_is_active,
           lag(day)        OVER full_list AS prev_day,
           lead(is_active) OVER full_list AS next_is_active,
           lead(day)       OVER full_list AS next_day
      FROM state_rows
    WINDOW full_list AS (PARTITION BY strategy, avs, operator_set_id
                         ORDER BY block_time, log_index, block_number)
),
remaining AS (
    SELECT *
      FROM with_neighbours
     WHERE NOT coalesce(is_active AND NOT next_is_active AND next_day = day, false)
       AND NOT coalesce(NOT is_active AND prev_is_active AND prev_day = day, false)
),
registration_windows AS (
    SELECT strategy, avs, operator_set_id,
           day + 1 AS first_snapshot,
           coalesce(next_day, (SELECT cutoff FROM oracle_run)) AS last_snapshot
      FROM remaining
     WHERE is_active
)
SELECT DISTINCT strategy, avs, operator_set_id, snapshot::date AS snapshot
  FROM registration_windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_operator_set_strategy_registration_snapshots;
