-- Purpose: signed change of an operator's shares per day (spec/02 §2, §3). Locks: none.
-- Parameters: run_input. Columns: operator, strategy, day, shares. Order: operator, strategy, day.
COPY (
    SELECT e.operator, e.strategy, e.block_time::date AS day, sum(e.shares) AS shares
    FROM operator_share_deltas e, run_input i
    WHERE e.block_time < i.cutoff
    GROUP BY e.operator, e.strategy, e.block_time::date
    ORDER BY e.operator, e.strategy, day
) TO STDOUT (FORMAT binary)
