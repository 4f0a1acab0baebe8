-- Purpose: appends what the oracle computed (spec/03 §23). Parameters: none. Locks: rows of gold_table.
INSERT INTO gold_table (earner, snapshot, reward_hash, token, amount)
SELECT earner, snapshot, reward_hash, token, amount FROM oracle_gold_22_staging
