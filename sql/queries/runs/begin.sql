-- Purpose: records that a run is processing. Parameters: $1 chain, $2 cutoff, $3 engine, $4 source, $5 version.
-- Columns: id. Locks: none.
INSERT INTO runs (chain, cutoff, status, engine, source, version) VALUES ($1, $2, 'processing', $3, $4, $5) RETURNING id
