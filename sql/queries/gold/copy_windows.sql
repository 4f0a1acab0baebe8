-- Purpose: records which (reward_hash, snapshot) a run wrote. Columns: as listed.
COPY gold_windows (run_id, reward_hash, first_snapshot, last_snapshot, gold_rows) FROM STDIN (FORMAT binary)
