-- Purpose: all rows of one earner. Parameters: $1 the address. Columns: groups (rows), and a sum over what was asked for.
SELECT count(*) AS groups, sum(amount)::text AS check FROM (
    SELECT earner, snapshot, reward_hash, token, amount FROM gold_table WHERE earner = $1 OFFSET 0
) rows
