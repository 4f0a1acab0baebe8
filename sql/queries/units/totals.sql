-- Purpose: what the units of a run did. Parameters: $1 run id. Columns: gold_rows, rewards. Locks: none.
SELECT (SELECT coalesce(sum(u.gold_rows), 0)::bigint FROM units u WHERE u.run_id = $1) AS gold_rows,
       (SELECT count(*) FROM gold_windows w WHERE w.run_id = $1) AS rewards
