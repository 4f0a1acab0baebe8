-- Purpose: sets a submission aside. Parameters: $1 reward_hash, $2 source table, $3 reason, $4 cutoff.
INSERT INTO quarantine (reward_hash, source_table, reason, cutoff) VALUES ($1, $2, $3, $4)
ON CONFLICT (reward_hash) DO NOTHING
