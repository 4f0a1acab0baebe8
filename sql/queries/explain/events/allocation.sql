-- Purpose: the event behind an allocation on a snapshot (spec/02 §6): the last that has taken effect; less or as much does so on its own day. Parameters: $1 snapshot, $2 cutoff, $3 operator, $4 AVS, $5 strategy, $6 number of the set. Columns: detail, block_number, block_time,
-- transaction_hash, log_index. Order: as returned. Locks: none.
SELECT 'magnitude ' || k.magnitude || ', effective from block ' || k.effective_block || ' of ' || k.at AS detail,
       k.block_number, b.block_time, k.transaction_hash, k.log_index::bigint AS log_index
FROM (
    SELECT d.*, lag(d.magnitude) OVER (ORDER BY d.at, d.block_number, d.log_index) AS before
    FROM (
        SELECT DISTINCT ON (f.block_time::date) e.*, f.block_time AS at
        FROM operator_allocations e JOIN blocks f ON f.number = coalesce(e.effective_block, e.block_number)
        WHERE e.operator = $3 AND e.avs = $4 AND e.strategy = $5 AND e.operator_set_id = $6 AND f.block_time < $2::date
        ORDER BY f.block_time::date, e.block_number DESC, e.log_index DESC
    ) d
) k
LEFT JOIN blocks b ON b.number = k.block_number
WHERE k.at::date + CASE WHEN k.before IS NULL OR k.magnitude > k.before THEN 1 ELSE 0 END <= $1::date
ORDER BY k.at::date + CASE WHEN k.before IS NULL OR k.magnitude > k.before THEN 1 ELSE 0 END DESC, k.at DESC LIMIT 1
