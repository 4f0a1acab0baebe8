-- Purpose: the days of runs that are not complete. Parameters: none. Columns: id, status, first_snapshot, last_snapshot.
-- Order: first_snapshot. Locks: none.
SELECT r.id, r.status, u.first_snapshot, u.last_snapshot
FROM runs r JOIN units u ON u.run_id = r.id
WHERE r.status <> 'complete'
ORDER BY u.first_snapshot, r.id
