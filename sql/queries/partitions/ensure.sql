-- Purpose: makes the partitions of gold_rows from one day's month to another's. Parameters: $1 first, $2 last day.
-- Columns: name, of those that were missing. Order: by month. Locks: SHARE UPDATE EXCLUSIVE on gold_rows until the end of the
-- transaction if one is made; readers and writers go on.
SELECT e.name
FROM generate_series(date_trunc('month', $1::date::timestamp), $2::date::timestamp, '1 month') AS m (month)
CROSS JOIN LATERAL ensure_gold_partition(m.month::date) AS e (name)
WHERE e.name IS NOT NULL
ORDER BY m.month
