-- Purpose: all runs. Parameters: none. Columns: as listed. Order: id. Locks: none.
SELECT id, chain, to_char(cutoff, 'YYYY-MM-DD') AS cutoff, status, engine, source, mode, version,
       to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS started_at,
       extract(epoch FROM coalesce(finished_at, clock_timestamp()) - started_at)::float8 AS seconds,
       gold_rows, error
FROM runs ORDER BY id
