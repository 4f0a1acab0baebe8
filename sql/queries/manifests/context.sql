-- Purpose: what a manifest says that others know: the digest of the run's plan, its planned rows by table (json), and the digest
-- of the manifest before. Parameters: $1 run id. Columns: plan, inputs, previous. Locks: none.
SELECT r.plan ->> 'digest' AS plan, r.plan -> 'inputs' AS inputs,
       (SELECT m.digest FROM manifests m JOIN runs p ON p.id = m.run_id
        WHERE m.run_id < r.id AND p.status = 'complete' ORDER BY m.run_id DESC LIMIT 1) AS previous
FROM runs r WHERE r.id = $1
