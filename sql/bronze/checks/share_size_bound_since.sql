-- Purpose: the same for new deltas: what their holders had before is in the ranges that are open, which were folded from deltas
-- that were checked. Parameters: $1 cutoff, $2 the day from which on deltas are new. Columns: may_be_large. Locks: none.
WITH stakers AS (
    SELECT staker, strategy, shares FROM staker_share_deltas WHERE block_time >= $2::date AND block_time < $1::date
), operators AS (
    SELECT operator, strategy, shares FROM operator_share_deltas WHERE block_time >= $2::date AND block_time < $1::date
)
SELECT coalesce(NOT (sum(abs(d.shares)) < 1e78 AND bool_and(d.shares = trunc(d.shares))), false) AS may_be_large
FROM (
    SELECT shares FROM stakers
    UNION ALL SELECT shares FROM operators
    UNION ALL SELECT r.shares FROM (SELECT DISTINCT staker, strategy FROM stakers) h
              JOIN staker_share_ranges r ON r.staker = h.staker AND r.strategy = h.strategy AND r.valid_to IS NULL
    UNION ALL SELECT r.shares FROM (SELECT DISTINCT operator, strategy FROM operators) h
              JOIN operator_share_ranges r ON r.operator = h.operator AND r.strategy = h.strategy AND r.valid_to IS NULL
) d
