-- Purpose: the manifests of the complete runs up to one, NULL where there is none. Parameters: $1 run id. Columns: id, engine, version,
-- cutoff, manifest, digest, root. Order: id. Locks: none.
SELECT r.id, r.engine, r.version, r.cutoff, m.manifest, m.digest, m.root
FROM runs r LEFT JOIN manifests m ON m.run_id = r.id
WHERE r.id <= $1 AND r.status = 'complete'
ORDER BY r.id
