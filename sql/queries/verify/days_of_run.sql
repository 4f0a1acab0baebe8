-- Purpose: the days that a run wrote. Parameters: $1 run id. Columns: first_snapshot, last_snapshot; NULL without rows.
SELECT min(first_snapshot) AS first_snapshot, max(last_snapshot) AS last_snapshot FROM gold_windows WHERE run_id = $1
