-- Purpose: the default split, day by day; effective the day after its event, the last one reaches
--          D-1. Clamped to 10000 bips (Q15).
-- Spec:    spec/02 §3 (pattern A), row default_operator_split_snapshots; spec/00 §3 silver 12, §6 Q15
-- Inputs:  default_operator_splits, blocks, oracle_run
-- Columns: split int4 (bips), snapshot date
-- Unique:  snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_default_operator_split_snapshots ON COMMIT DROP AS
WITH last_of_day AS (
    SELECT DISTINCT ON (block.block_time::date)
           least(setting.new_default_operator_split_bips, 10000) AS split,
           block.block_time::date AS day
      FROM default_operator_splits AS setting
      JOIN blocks AS block ON block.number = setting.block_number
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
     ORDER BY block.block_time::date,
              block.block_time DESC, setting.log_index DESC, setting.block_number DESC
),
windows AS (
    SELECT split,
           day + 1 AS first_snapshot,
           coalesce(lead(day) OVER (ORDER BY day),
                    (SELECT cutoff FROM oracle_run) - 1) AS last_snapshot
      FROM last_of_day
)
SELECT split, snapshot::date AS snapshot
  FROM windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_default_operator_split_snapshots;
