-- Purpose: an operator's split for an avs, day by day, by activation; the last one reaches D-1.
--          Not clamped (Q15).
-- Spec:    spec/02 §3 (pattern A), row operator_avs_split_snapshots; spec/00 §3 silver 10, §6 Q15
-- Inputs:  operator_avs_splits, blocks, oracle_run
-- Columns: operator, avs text, split int4 (bips), snapshot date
-- Unique:  operator, avs, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_avs_split_snapshots ON COMMIT DROP AS
WITH last_of_day AS (
    SELECT DISTINCT ON (setting.operator, setting.avs, setting.activated_at::date)
           setting.operator, setting.avs,
           setting.new_operator_avs_split_bips AS split,
           setting.activated_at::date AS day
      FROM operator_avs_splits AS setting
      JOIN blocks AS block ON block.number = setting.block_number
     WHERE setting.activated_at < (SELECT cutoff FROM oracle_run)
     ORDER BY setting.operator, setting.avs, setting.activated_at::date,
              setting.activated_at DESC, block.block_time DESC,
              setting.log_index DESC, setting.block_number DESC
),
windows AS (
    SELECT operator, avs, split,
           day + 1 AS first_snapshot,
           coalesce(lead(day) OVER (PARTITION BY operator, avs ORDER BY day),
                    (SELECT cutoff FROM oracle_run) - 1) AS last_snapshot
      FROM last_of_day
)
SELECT operator, avs, split, snapshot::date AS snapshot
  FROM windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_operator_avs_split_snapshots;
