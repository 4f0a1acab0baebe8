-- Purpose: signed change of a staker's shares per day (spec/02 §2, §3). Locks: none.
-- Parameters: run_input. Columns: staker, strategy, day, shares. Order: staker, strategy, day.
COPY (
    SELECT e.staker, e.strategy, e.block_time::date AS day, sum(e.shares) AS shares
    FROM staker_share_deltas e, run_input i
    WHERE e.block_time < i.cutoff
    GROUP BY e.staker, e.strategy, e.block_time::date
    ORDER BY e.staker, e.strategy, day
) TO STDOUT (FORMAT binary)
