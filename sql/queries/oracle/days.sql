-- Purpose: the days the oracle has rows for. Parameters: none. Columns: first_snapshot, last_snapshot; NULL without rows.
SELECT min(snapshot) AS first_snapshot, max(snapshot) AS last_snapshot FROM oracle_gold_22_staging
