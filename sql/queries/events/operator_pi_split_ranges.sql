-- Purpose: splits of operators for programmatic incentives by activation (spec/02 §3). Locks: none.
-- Parameters: run_input. Columns: operator, day, split. Order: operator, then activation, then event.
COPY (
    SELECT e.operator, e.activated_at::date AS day, e.new_operator_pi_split_bips::integer AS split
    FROM run_input i, operator_pi_splits e
    JOIN blocks b ON b.number = e.block_number
    WHERE e.activated_at < i.cutoff
    ORDER BY e.operator, e.activated_at, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
