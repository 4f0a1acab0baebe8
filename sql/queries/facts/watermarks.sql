-- Purpose: the last snapshot with rows in gold_table, per reward_hash (spec/03 §0, Q1). Locks: none.
-- Parameters: none. Columns: reward_hash, last_snapshot. Order: reward_hash.
COPY (SELECT reward_hash, last_snapshot FROM watermarks ORDER BY reward_hash) TO STDOUT (FORMAT binary)
