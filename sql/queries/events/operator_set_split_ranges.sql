-- Purpose: splits of operators per operator set by activation, at most 10000 bips (spec/02 §3, Q15). Locks: none.
-- Parameters: run_input. Columns: operator, avs, operator_set_id, day, split.
-- Order: operator, avs, operator_set_id, then activation, then event.
COPY (
    SELECT e.operator, e.avs, e.operator_set_id::bigint, e.activated_at::date AS day,
           least(e.new_operator_set_split_bips, 10000)::integer AS split
    FROM run_input i, operator_set_splits e
    JOIN blocks b ON b.number = e.block_number
    WHERE e.activated_at < i.cutoff
    ORDER BY e.operator, e.avs, e.operator_set_id, e.activated_at, b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
