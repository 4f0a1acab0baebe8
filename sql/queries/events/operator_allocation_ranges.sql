-- Purpose: magnitudes by the block they take effect in (spec/02 §6); without that block a row does not count (U9).
-- Locks: none. Parameters: run_input. Columns: operator, avs, strategy, operator_set_id, day, magnitude.
-- Order: operator, avs, strategy, operator_set_id, day, then the event.
COPY (
    SELECT e.operator, e.avs, e.strategy, e.operator_set_id::bigint, b.block_time::date AS day, e.magnitude::numeric
    FROM run_input i, operator_allocations e
    JOIN blocks b ON b.number = coalesce(e.effective_block, e.block_number)
    WHERE b.block_time < i.cutoff
    ORDER BY e.operator, e.avs, e.strategy, e.operator_set_id, day, e.block_number, e.log_index
) TO STDOUT (FORMAT binary)
