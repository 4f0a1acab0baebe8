-- Purpose: the runs from a cutoff on, newest first. Parameters: $1 cutoff. Columns: as listed; gold_rows and days are those
-- of its windows. Order: cutoff, descending. Locks: none.
SELECT r.id, to_char(r.cutoff, 'YYYY-MM-DD') AS cutoff, r.status, coalesce(sum(w.gold_rows), 0)::bigint AS gold_rows,
       count(w.reward_hash) AS rewards, to_char(min(w.first_snapshot), 'YYYY-MM-DD') AS first_snapshot,
       to_char(max(w.last_snapshot), 'YYYY-MM-DD') AS last_snapshot
FROM runs r LEFT JOIN gold_windows w ON w.run_id = r.id
WHERE r.cutoff >= $1
GROUP BY r.id ORDER BY r.cutoff DESC
