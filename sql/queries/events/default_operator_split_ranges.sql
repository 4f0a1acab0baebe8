-- Purpose: the default split, effective at once, at most 10000 bips (spec/02 §3, Q15). Locks: none.
-- Parameters: run_input. Columns: day, split. Order: as the events happened.
COPY (
    SELECT b.block_time::date AS day, least(e.new_default_operator_split_bips, 10000)::integer AS split
    FROM run_input i, default_operator_splits e
    JOIN blocks b ON b.number = e.block_number
    WHERE b.block_time < i.cutoff
    ORDER BY b.block_time, e.log_index
) TO STDOUT (FORMAT binary)
