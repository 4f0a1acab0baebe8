-- Purpose: the days on which an operator is registered with an avs; ends are rounded down and open
--          registrations reach D-1.
-- Spec:    spec/02 §4 (pattern B); spec/00 §3 silver 4, §6 Q12, Q13
-- Inputs:  avs_operator_state_changes, blocks, oracle_run
-- Columns: avs, operator text, snapshot date
-- Unique:  operator, avs, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_avs_registration_snapshots ON COMMIT DROP AS
WITH state_rows AS (
    SELECT change.operator, change.avs, change.registered,
           block.block_time, change.log_index, change.block_number,
           block.block_time::date AS day
      FROM avs_operator_state_changes AS change
      JOIN blocks AS block ON block.number = change.block_number
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
),
with_neighbours AS (
    SELECT operator, avs, registered, day,
           lag(registered)  OVER full_list AS prev_registered,
           lag(day)         OVER full_list AS prev_day,
           lead(registered) OVER full_list AS next_registered,
           lead(day)        OVER full_list AS next_day
      FROM state_rows
    WINDOW full_list AS (PARTITION BY operator, avs ORDER BY block_time, log_index, block_number)
),
remaining AS (
    SELECT *
      FROM with_neighbours
     WHERE NOT coalesce(registered AND NOT next_registered AND next_day = day, false)
       AND NOT coalesce(NOT registered AND prev_registered AND prev_day = day, false)
),
registration_windows AS (
    SELECT operator, avs,
           day + 1 AS first_snapshot,
           coalesce(next_day, (SELECT cutoff FROM oracle_run)) - 1 AS last_snapshot
      FROM remaining
     WHERE registered
)
SELECT DISTINCT avs, operator, snapshot::date AS snapshot
  FROM registration_windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_operator_avs_registration_snapshots;
