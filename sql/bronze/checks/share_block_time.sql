-- Check: time and date of share deltas are those of their block (spec/01 invariant 2). Parameters: $1 cutoff, $2 NULL, or the
-- day from which on deltas are new: then those. Columns: source_table, key, reason. Order: table, key.
SELECT e.source_table, e.block_number::text AS key,
       format('block_time %s and block_date %s, but the block is of %s', e.block_time, e.block_date, b.block_time) AS reason
FROM (
    SELECT DISTINCT 'staker_share_deltas'::text AS source_table, block_number, block_time, block_date FROM staker_share_deltas
    WHERE $2::date IS NULL OR block_time >= $2::date
    UNION
    SELECT DISTINCT 'operator_share_deltas', block_number, block_time, block_date FROM operator_share_deltas
    WHERE $2::date IS NULL OR block_time >= $2::date
) e
JOIN blocks b ON b.number = e.block_number
WHERE (e.block_time <> b.block_time OR e.block_date <> to_char(b.block_time, 'YYYY-MM-DD'))
  AND (e.block_time < $1::date OR b.block_time < $1::date)
ORDER BY source_table, key
LIMIT 20
