-- Purpose: what a manifest says that others know: the digest of the run's plan and that of the manifest before. Parameters: $1 run id.
-- Columns: plan, previous. Locks: none.
SELECT r.plan ->> 'digest' AS plan,
       (SELECT m.digest FROM manifests m JOIN runs p ON p.id = m.run_id
        WHERE m.run_id < r.id AND p.status = 'complete' ORDER BY m.run_id DESC LIMIT 1) AS previous
FROM runs r WHERE r.id = $1
