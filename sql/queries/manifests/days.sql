-- Purpose: the gold rows of a run as its units noted them. Parameters: $1 run id. Columns: snapshot, gold_rows, content (text). Order:
-- snapshot. Locks: none.
SELECT d.snapshot, sum(d.gold_rows)::bigint AS gold_rows, sum(d.content)::text AS content
FROM unit_days d WHERE d.run_id = $1
GROUP BY d.snapshot
ORDER BY d.snapshot
