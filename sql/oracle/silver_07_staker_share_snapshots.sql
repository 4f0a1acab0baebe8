-- Purpose: daily share balance of every (staker, strategy): the last balance of a day is valid from the
--          next day to the day of the next balance; the last one reaches D.
-- Spec:    spec/02 §3 (pattern A), row staker_share_snapshots; spec/00 §3 silver 7
-- Inputs:  oracle_staker_shares, oracle_run
-- Columns: staker, strategy text, shares numeric, snapshot date
-- Unique:  staker, strategy, snapshot
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_staker_share_snapshots ON COMMIT DROP AS
WITH last_of_day AS (
    SELECT DISTINCT ON (staker, strategy, block_time::date)
           staker, strategy, shares, block_time::date AS day
      FROM oracle_staker_shares
     WHERE block_time < (SELECT cutoff FROM oracle_run)
     ORDER BY staker, strategy, block_time::date, block_time DESC, log_index DESC, block_number DESC
),
windows AS (
    SELECT staker, strategy, shares,
           day + 1 AS first_snapshot,
           coalesce(lead(day) OVER (PARTITION BY staker, strategy ORDER BY day),
                    (SELECT cutoff FROM oracle_run)) AS last_snapshot
      FROM last_of_day
)
SELECT staker, strategy, shares, snapshot::date AS snapshot
  FROM windows
 CROSS JOIN LATERAL generate_series(first_snapshot::timestamp, last_snapshot::timestamp,
                                    interval '1 day') AS snapshot;
ANALYZE oracle_staker_share_snapshots;
