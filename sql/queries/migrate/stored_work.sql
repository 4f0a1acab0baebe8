-- Purpose: what would be lost with the gold table. Parameters: none. Columns: runs, gold_rows. Locks: none.
SELECT count(*) AS runs, coalesce(sum(gold_rows), 0)::bigint AS gold_rows FROM runs WHERE status = 'complete'
