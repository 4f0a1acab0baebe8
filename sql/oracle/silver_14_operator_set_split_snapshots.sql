-- Purpose: an operator's split for an operator set, day by day, by activation; the last one reaches
--          D-1. Clamped to 10000 bips (Q15).
-- Spec:    spec/02 §3 (pattern A), row operator_set_split_snapshots; spec/00 §3 silver 14, §6 Q15
-- Inputs:  operator_set_splits, blocks, oracle_run
-- Columns: operator, avs text, operator_set_id int8, split int4 (bips), snapshot date
-- Unique:  operator, avs, operator_set_id, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_set_split_snapshots ON COMMIT DROP AS
WITH last_of_day AS (
    SELECT DISTINCT ON (setting.operator, setting.avs, setting.operator_set_id, setting.activated_at::date)
           setting.operator, setting.avs, setting.operator_set_id,
           least(setting.new_operator_set_split_bips, 10000) AS split,
           setting.activated_at::date AS day
      FROM operator_set_splits AS setting
      JOIN blocks AS block ON block.number = setting.block_number
     WHERE setting.activated_at < (SELECT cutoff FROM oracle_run)
     ORDER BY setting.operator, setting.avs, setting.operator_set_id, setting.activated_at::date,
              setting.activated_at DESC, block.block_time DESC,
              setting.log_index DESC, setting.block_number DESC
),
windows AS (
    SELECT operator, avs, operator_set_id, split,
           day + 1 AS first_snapshot,
           coalesce(lead(day) OVER (PARTITION BY operator, avs, operator_set_id ORDER BY day),
                    (SELECT cutoff FROM oracle_run) - 1) AS last_snapshot
      FROM last_of_day
)
SELECT operator, avs, operator_set_id, split, snapshot::date AS snapshot
  FROM windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_operator_set_split_snapshots;
