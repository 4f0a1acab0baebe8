-- Purpose: the root of a run, NULL if it is not computed yet. Parameters: $1 run id. Columns: root; no row if the run has no manifest.
-- Locks: none.
SELECT m.root FROM manifests m WHERE m.run_id = $1
