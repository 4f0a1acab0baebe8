-- Purpose: whether share_size.sql may find something: it cannot if all deltas are integers and their magnitudes together stay below
-- 10^78. Parameters: $1 cutoff. Columns: may_be_large. Locks: none.
SELECT coalesce(NOT (sum(abs(d.shares)) < 1e78 AND bool_and(d.shares = trunc(d.shares))), false) AS may_be_large
FROM (
    SELECT shares FROM staker_share_deltas WHERE block_time < $1::date
    UNION ALL
    SELECT shares FROM operator_share_deltas WHERE block_time < $1::date
) d
