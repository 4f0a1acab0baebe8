-- Purpose: what the oracle pays. Parameters: none. Columns: reward_hash, token. Locks: none.
SELECT DISTINCT reward_hash, token FROM oracle_gold_22_staging
