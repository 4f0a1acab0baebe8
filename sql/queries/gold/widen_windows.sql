-- Purpose: records which (reward_hash, snapshot) a unit wrote, widening the windows of its run. Parameters: $1 run id, $2
-- reward hashes, $3 and $4 first and last snapshots, $5 rows. Locks: rows of gold_windows.
INSERT INTO gold_windows (run_id, reward_hash, first_snapshot, last_snapshot, gold_rows)
SELECT $1, u.* FROM unnest($2::text[], $3::date[], $4::date[], $5::bigint[]) AS u
ON CONFLICT (run_id, reward_hash) DO UPDATE
SET first_snapshot = least(gold_windows.first_snapshot, excluded.first_snapshot),
    last_snapshot = greatest(gold_windows.last_snapshot, excluded.last_snapshot),
    gold_rows = gold_windows.gold_rows + excluded.gold_rows
