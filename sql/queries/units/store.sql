-- Purpose: the units of a run. Parameters: $1 run id, $2 numbers, $3 and $4 first and last snapshots. Locks: none.
INSERT INTO units (run_id, unit, first_snapshot, last_snapshot)
SELECT $1, u.* FROM unnest($2::integer[], $3::date[], $4::date[]) AS u
