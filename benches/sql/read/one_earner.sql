-- Purpose: all rows of one earner, in the middle of all addresses. Parameters: $1 the address. Columns: those of gold. Order: none.
SELECT earner, snapshot, reward_hash, token, amount FROM gold_table WHERE earner = $1
