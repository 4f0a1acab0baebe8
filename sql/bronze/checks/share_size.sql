-- Check: share deltas are integers, and neither they nor a running sum reach 10^78 (numeric(78,0)).
-- Running sums are only formed where the sum of magnitudes gets that far. Parameters: $1 cutoff, $2 NULL, or the day from which
-- on deltas are new: then those of holders that have new ones. Columns: source_table, key, reason. Order: table, key.
WITH deltas AS (
    SELECT 'staker_share_deltas'::text AS source_table, staker AS holder, strategy, shares, block_time, log_index
    FROM staker_share_deltas
    WHERE block_time < $1::date
      AND ($2::date IS NULL
           OR (staker, strategy) IN (SELECT n.staker, n.strategy FROM staker_share_deltas n WHERE n.block_time >= $2::date))
    UNION ALL
    SELECT 'operator_share_deltas', operator, strategy, shares, block_time, log_index
    FROM operator_share_deltas
    WHERE block_time < $1::date
      AND ($2::date IS NULL
           OR (operator, strategy) IN (SELECT n.operator, n.strategy FROM operator_share_deltas n WHERE n.block_time >= $2::date))
), suspects AS (
    SELECT source_table, holder, strategy FROM deltas
    GROUP BY source_table, holder, strategy
    HAVING sum(abs(shares)) >= 1e78 OR bool_or(shares <> trunc(shares)) OR bool_or(shares = 'NaN')
), sums AS (
    SELECT d.source_table, d.holder, d.strategy, d.shares,
           sum(d.shares) OVER (PARTITION BY d.source_table, d.holder, d.strategy ORDER BY d.block_time, d.log_index) AS running
    FROM suspects s JOIN deltas d USING (source_table, holder, strategy)
)
SELECT DISTINCT source_table, holder || ' in strategy ' || strategy AS key,
       'shares are not integers below 10^78 (numeric(78,0)), one by one and summed up'::text AS reason
FROM sums
WHERE NOT (abs(shares) < 1e78 AND shares = trunc(shares)) OR NOT abs(running) < 1e78
ORDER BY source_table, key
LIMIT 20
