-- Purpose: the complete runs whose rows are not in the balances; none if rows were dropped: then no root is computed, and balances
-- would be of no use. Parameters: $1 a run to leave out, 0 for none. Columns: run_ids; first_snapshot and last_snapshot, the days they wrote, NULL if none;
-- gold_rows. One row. Locks: none.
SELECT coalesce(array_agg(r.id::integer ORDER BY r.id), '{}') AS run_ids, min(w.first_snapshot) AS first_snapshot,
       max(w.last_snapshot) AS last_snapshot, coalesce(sum(r.gold_rows), 0)::bigint AS gold_rows
FROM runs r
CROSS JOIN LATERAL (
    SELECT min(v.first_snapshot) AS first_snapshot, max(v.last_snapshot) AS last_snapshot
    FROM gold_windows v WHERE v.run_id = r.id
) w
WHERE r.status = 'complete' AND r.id <> $1::bigint
  AND NOT EXISTS (SELECT FROM gold_balanced_runs b WHERE b.run_id = r.id)
  AND NOT EXISTS (SELECT FROM dropped_partitions d WHERE d.gold_rows > 0 OR d.begun_at IS NOT NULL)
