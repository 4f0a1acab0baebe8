-- Purpose: takes the next unit that is to be done and that no other worker has, in the order of the days, so partition by
-- partition; none if the run was resumed by somebody else meanwhile. Parameters: $1 run id, $2 the attempt. Columns: as
-- listed; no row if there is none. Locks: the row, until the transaction ends.
SELECT u.unit, u.first_snapshot, u.last_snapshot FROM units u
WHERE u.run_id = $1 AND u.status = 'pending'
  AND EXISTS (SELECT FROM runs r WHERE r.id = $1 AND r.attempt = $2 AND r.status = 'processing')
ORDER BY u.unit LIMIT 1
FOR UPDATE OF u SKIP LOCKED
