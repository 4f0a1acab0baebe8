-- Purpose: submissions that runs leave out. Parameters: none. Columns: reward_hash, source_table, reason. Order: hash.
SELECT reward_hash, source_table, reason FROM quarantine ORDER BY reward_hash
