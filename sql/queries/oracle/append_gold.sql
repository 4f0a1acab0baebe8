-- Purpose: appends what the oracle computed (spec/03 §23). Parameters: $1 run id. Locks: rows of gold_rows.
INSERT INTO gold_rows (earner, snapshot, reward_hash, token, amount, run_id)
SELECT earner, snapshot, reward_hash, token, amount, $1 FROM oracle_gold_22_staging
