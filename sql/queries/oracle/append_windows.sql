-- Purpose: records which (reward_hash, snapshot) the oracle wrote. Parameters: $1 run id. Locks: rows of gold_windows.
INSERT INTO gold_windows (run_id, reward_hash, first_snapshot, last_snapshot, gold_rows)
SELECT $1, reward_hash, min(snapshot), max(snapshot), count(*) FROM oracle_gold_22_staging GROUP BY reward_hash
