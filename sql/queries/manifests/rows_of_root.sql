-- Purpose: how many rows the newest root is made of, about: balances, and rows that are not in them. Parameters: $1 rows of complete
-- runs that are not in the balances. Columns: gold_rows. Locks: none.
SELECT s.compacted + s.appended + $1::bigint AS gold_rows FROM gold_balances_size s
