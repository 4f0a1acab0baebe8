-- Purpose: stores the manifest of a run. Parameters: $1 run id, $2 manifest, $3 digest. Locks: a row of manifests.
INSERT INTO manifests (run_id, manifest, digest) VALUES ($1, $2, $3)
