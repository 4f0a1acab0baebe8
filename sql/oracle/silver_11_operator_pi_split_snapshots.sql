-- Purpose: an operator's split for programmatic incentives, day by day, by activation; the last one
--          reaches D-1. Not clamped (Q15). The reference's key also holds the split (Q16); a full
--          derivation has one value per operator and day anyway.
-- Spec:    spec/02 §3 (pattern A), row operator_pi_split_snapshots; spec/00 §3 silver 11, §6 Q15
-- Inputs:  operator_pi_splits, blocks, oracle_run
-- Columns: operator text, split int4 (bips), snapshot date
-- Unique:  operator, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_pi_split_snapshots ON COMMIT DROP AS
WITH last_of_day AS (
    SELECT DISTINCT ON (setting.operator, setting.activated_at::date)
           setting.operator,
           setting.new_operator_pi_split_bips AS split,
           setting.activated_at::date AS day
      FROM operator_pi_splits AS setting
      JOIN blocks AS block ON block.number = setting.block_number
     WHERE setting.activated_at < (SELECT cutoff FROM oracle_run)
     ORDER BY setting.operator, setting.activated_at::date,
              setting.activated_at DESC, block.block_time DESC,
              setting.log_index DESC, setting.block_number DESC
),
windows AS (
    SELECT operator, split,
           day + 1 AS first_snapshot,
           coalesce(lead(day) OVER (PARTITION BY operator ORDER BY day),
                    (SELECT cutoff FROM oracle_run) - 1) AS last_snapshot
      FROM last_of_day
)
SELECT operator, split, snapshot::date AS snapshot
  FROM windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_operator_pi_split_snapshots;
