-- Purpose: delegations; an undelegation is a delegation to the zero address (spec/02 §3, Q17). Locks: none.
-- Parameters: run_input. Columns: staker, day, operator. Order: staker, then as the events happened.
COPY (
    SELECT e.staker, b.block_time::date AS day,
           CASE WHEN e.delegated THEN e.operator ELSE '0x0000000000000000000000000000000000000000' END AS operator
    FROM run_input i, staker_delegation_changes e
    JOIN blocks b ON b.number = e.block_number
    WHERE b.block_time < i.cutoff
    ORDER BY e.staker, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
