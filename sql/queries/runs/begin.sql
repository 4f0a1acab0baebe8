-- Purpose: records that a run is processing. Parameters: $1 chain, $2 cutoff, $3 engine, $4 source, $5 version, $6 rule
-- version, $7 mode. Columns: id. Locks: none.
INSERT INTO runs (chain, cutoff, status, engine, source, version, rule_version, mode)
VALUES ($1, $2, 'processing', $3, $4, $5, $6, $7) RETURNING id
