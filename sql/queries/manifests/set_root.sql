-- Purpose: stores the root of a run, unless there is one. Parameters: $1 run id, $2 the root. Locks: a row of manifests.
UPDATE manifests SET root = $2 WHERE run_id = $1 AND root IS NULL
