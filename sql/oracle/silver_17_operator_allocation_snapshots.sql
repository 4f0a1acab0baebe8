-- Purpose: magnitude allocated by an operator to an operator set, per strategy and day, with the
--          operator's maximum magnitude for the strategy (10^18 if it has none). Reaches D.
-- Spec:    spec/02 §6; spec/00 §3 silver 17, §6 Q21, §7 U1
-- Inputs:  operator_allocations, operator_max_magnitudes, blocks, oracle_run
-- Columns: operator, avs, strategy text · operator_set_id int8 · magnitude, max_magnitude numeric ·
--          snapshot date
-- Unique:  operator, avs, strategy, operator_set_id, snapshot
-- Choice:  of two records that start on the same day the later one wins (spec/00 §7 U1)
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_allocation_snapshots ON COMMIT DROP AS
WITH effective_allocations AS (
    SELECT allocation.operator, allocation.avs, allocation.strategy, allocation.operator_set_id,
           allocation.magnitude, allocation.block_number, allocation.log_index,
           block.block_time       AS effective_time,
           block.block_time::date AS effective_day
      FROM operator_allocations AS allocation
      JOIN blocks AS block
        ON block.number = coalesce(allocation.effective_block, allocation.block_number)
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
),
kept_magnitudes AS (
    SELECT DISTINCT ON (operator, avs, strategy, operator_set_id, effective_day) *
      FROM effective_allocations
     ORDER BY operator, avs, strategy, operator_set_id, effective_day,
              block_number DESC, log_index DESC
),
with_previous_magnitude AS (
    SELECT *,
           lag(magnitude) OVER (PARTITION BY operator, avs, strategy, operator_set_id
                                ORDER BY effective_time, block_number, log_index)
               AS previous_magnitude
      FROM kept_magnitudes
),
started_magnitudes AS (
    SELECT *,
           CASE WHEN previous_magnitude IS NULL OR magnitude > previous_magnitude
                THEN effective_day + 1
                ELSE effective_day END AS start_day
      FROM with_previous_magnitude
),
magnitude_windows AS (
    SELECT operator, avs, strategy, operator_set_id, magnitude, start_day,
           coalesce(lead(start_day) OVER (PARTITION BY operator, avs, strategy, operator_set_id
                                          ORDER BY start_day, effective_time,
                                                   block_number, log_index) - 1,
                    (SELECT cutoff FROM oracle_run)) AS last_day
      FROM started_magnitudes
),
magnitudes AS (
    SELECT operator, avs, strategy, operator_set_id, magnitude, snapshot::date AS snapshot
      FROM magnitude_windows
     CROSS JOIN LATERAL generate_series(start_day::timestamp, last_day::timestamp,
                                        interval '1 day') AS snapshot
),
kept_max_magnitudes AS (
    SELECT DISTINCT ON (maximum.operator, maximum.strategy, block.block_time::date)
           maximum.operator, maximum.strategy, maximum.max_magnitude,
           block.block_time, maximum.block_number, maximum.log_index,
           block.block_time::date AS day
      FROM operator_max_magnitudes AS maximum
      JOIN blocks AS block ON block.number = maximum.block_number
     WHERE block.block_time < (SELECT cutoff FROM oracle_run)
     ORDER BY maximum.operator, maximum.strategy, block.block_time::date,
              maximum.block_number DESC, maximum.log_index DESC
),
max_magnitude_windows AS (
    SELECT operator, strategy, max_magnitude,
           day AS first_day,
           coalesce(lead(day) OVER (PARTITION BY operator, strategy ORDER BY block_time) - 1,
                    (SELECT cutoff FROM oracle_run)) AS last_day
      FROM kept_max_magnitudes
),
max_magnitudes AS (
    SELECT operator, strategy, max_magnitude, snapshot::date AS snapshot
      FROM max_magnitude_windows
     CROSS JOIN LATERAL generate_series(first_day::timestamp, last_day::timestamp,
                                        interval '1 day') AS snapshot
)
SELECT operator, avs, strategy, operator_set_id,
       magnitude,
       coalesce(max_magnitude, 1000000000000000000) AS max_magnitude,
       snapshot
  FROM magnitudes
  LEFT JOIN max_magnitudes USING (operator, strategy, snapshot);
ANALYZE oracle_operator_allocation_snapshots;
