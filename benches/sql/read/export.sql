-- Purpose: all rows to nowhere. Parameters: none.
COPY (SELECT earner, snapshot, reward_hash, token, amount FROM gold_table) TO '/dev/null' (FORMAT binary)
