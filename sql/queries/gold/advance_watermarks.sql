-- Purpose: moves the watermarks to the last snapshots a run wrote (Q1). Parameters: $1 run id. Locks: rows of
-- watermarks, in the order of their hashes.
INSERT INTO watermarks (reward_hash, last_snapshot)
SELECT w.reward_hash, w.last_snapshot FROM gold_windows w WHERE w.run_id = $1
ORDER BY w.reward_hash COLLATE "C"
ON CONFLICT (reward_hash) DO UPDATE SET last_snapshot = greatest(watermarks.last_snapshot, excluded.last_snapshot)
