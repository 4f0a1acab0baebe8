-- Purpose: the operator a staker delegates to, day by day: the last change of a day is valid from
--          the next day to the day of the next change, the last one reaches D-1. An undelegation
--          yields the zero address (Q17).
-- Spec:    spec/02 §3 (pattern A), row staker_delegation_snapshots; spec/00 §3 silver 8, §6 Q17
-- Inputs:  staker_delegation_changes, blocks, oracle_run
-- Columns: staker, operator text, snapshot date
-- Unique:  staker, operator, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_staker_delegation_snapshots ON COMMIT DROP AS
WITH last_of_day AS (
    SELECT DISTINCT ON (change.staker, block.block_time::date)
           change.staker,
           CASE WHEN change.delegated THEN change.operator
                ELSE '0x0000000000000000000000000000000000000000' END AS operator,
           block.block_time::date AS day
      FROM staker_delegation_changes AS change
      JOIN blocks AS block ON block.number = change.block_number
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
     ORDER BY change.staker, block.block_time::date,
              block.block_time DESC, change.log_index DESC, change.block_number DESC
),
windows AS (
    SELECT staker, operator,
           day + 1 AS first_snapshot,
           coalesce(lead(day) OVER (PARTITION BY staker ORDER BY day),
                    (SELECT cutoff FROM oracle_run) - 1) AS last_snapshot
      FROM last_of_day
)
SELECT staker, operator, snapshot::date AS snapshot
  FROM windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_staker_delegation_snapshots;
