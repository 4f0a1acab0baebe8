-- Purpose: submissions not to read. Parameters: $1 reward hashes. Locks: none.
INSERT INTO pg_temp.quarantine (reward_hash) SELECT DISTINCT h FROM unnest($1::text[]) AS h
