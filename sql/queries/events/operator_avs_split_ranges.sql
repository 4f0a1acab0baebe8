-- Purpose: splits of operators per AVS by activation (spec/02 §3). Locks: none.
-- Parameters: run_input. Columns: operator, avs, day, split. Order: operator, avs, then activation, then event.
COPY (
    SELECT e.operator, e.avs, e.activated_at::date AS day, e.new_operator_avs_split_bips::integer AS split
    FROM run_input i, operator_avs_splits e
    JOIN blocks b ON b.number = e.block_number
    WHERE e.activated_at < i.cutoff
    ORDER BY e.operator, e.avs, e.activated_at, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
