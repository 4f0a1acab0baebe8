-- Purpose: watermarks of a scratch schema. Parameters: $1 reward hashes, $2 last snapshots. Locks: none that matter.
INSERT INTO watermarks (reward_hash, last_snapshot) SELECT * FROM unnest($1::text[], $2::date[])
