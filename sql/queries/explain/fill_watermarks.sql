-- Purpose: watermarks as a run found them. Parameters: $1 reward hashes, $2 last snapshots. Locks: none.
INSERT INTO pg_temp.watermarks (reward_hash, last_snapshot) SELECT * FROM unnest($1::text[], $2::date[])
