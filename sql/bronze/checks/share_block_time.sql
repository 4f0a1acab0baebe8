-- Check: time and date of share deltas are those of their block (spec/01 invariant 2). Parameters: $1 cutoff, $2 NULL, or the
-- day from which on deltas are new: then those. Columns: source_table, key, reason. Order: table, key.
-- Both tables have most blocks: each is looked up once, and whose it is matters only if it is wrong.
WITH wrong AS MATERIALIZED (
    SELECT e.block_number, e.block_time, e.block_date, b.block_time AS of_block
    FROM (
        SELECT block_number, block_time, block_date FROM staker_share_deltas WHERE $2::date IS NULL OR block_time >= $2::date
        UNION
        SELECT block_number, block_time, block_date FROM operator_share_deltas WHERE $2::date IS NULL OR block_time >= $2::date
    ) e
    -- Looked up one by one: a join would walk all blocks.
    CROSS JOIN LATERAL (SELECT o.block_time FROM blocks o WHERE o.number = e.block_number OFFSET 0) b
    WHERE (e.block_time <> b.block_time OR e.block_date <> to_char(b.block_time, 'YYYY-MM-DD'))
      AND (e.block_time < $1::date OR b.block_time < $1::date)
)
SELECT s.source_table, w.block_number::text AS key,
       format('block_time %s and block_date %s, but the block is of %s', w.block_time, w.block_date, w.of_block) AS reason
FROM wrong w
CROSS JOIN LATERAL (
    SELECT 'staker_share_deltas'::text AS source_table
    WHERE EXISTS (SELECT FROM staker_share_deltas d
                  WHERE d.block_number = w.block_number AND d.block_time = w.block_time AND d.block_date = w.block_date)
    UNION ALL
    SELECT 'operator_share_deltas'
    WHERE EXISTS (SELECT FROM operator_share_deltas d
                  WHERE d.block_number = w.block_number AND d.block_time = w.block_time AND d.block_date = w.block_date)
) s
ORDER BY source_table, key
LIMIT 20
