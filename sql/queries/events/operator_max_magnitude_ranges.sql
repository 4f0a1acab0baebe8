-- Purpose: maximum magnitudes after slashes (spec/02 §6). Locks: none.
-- Parameters: run_input. Columns: operator, strategy, day, max_magnitude. Order: operator, strategy, day, then the event.
COPY (
    SELECT e.operator, e.strategy, b.block_time::date AS day, e.max_magnitude::numeric
    FROM run_input i, operator_max_magnitudes e
    JOIN blocks b ON b.number = e.block_number
    WHERE b.block_time < i.cutoff
    ORDER BY e.operator, e.strategy, day, e.block_number, e.log_index
) TO STDOUT (FORMAT binary)
