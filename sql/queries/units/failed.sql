-- Purpose: an attempt at a unit failed; nothing is noted if another worker has the unit by now. Parameters: $1 run id, $2
-- unit, $3 message, $4 whether it is tried again. Locks: a row of units.
UPDATE units SET error = $3, retries = retries + CASE WHEN $4 THEN 1 ELSE 0 END
WHERE (run_id, unit) IN (
    SELECT u.run_id, u.unit FROM units u WHERE u.run_id = $1 AND u.unit = $2 AND u.status = 'pending'
    FOR UPDATE SKIP LOCKED
)
