-- Purpose: the event behind an operator's shares on a snapshot (spec/02 §2, §3): the last change before the day, and the sum of all. Parameters: $1 snapshot, $2 cutoff, $3 operator, $4 strategy. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT 'changed by ' || e.shares || '; all changes up to it, ' || count(*) OVER () || ', are together ' || sum(e.shares) OVER () AS detail,
       e.block_number, e.block_time, e.transaction_hash, e.log_index::bigint AS log_index
FROM operator_share_deltas e
WHERE e.operator = $3 AND e.strategy = $4 AND e.block_time < least($1::date, $2::date)
ORDER BY e.block_time DESC, e.log_index DESC LIMIT 1
