-- Purpose: how many rows the balances have. Parameters: none. Columns: stored_rows. Locks: none.
SELECT s.compacted + s.appended AS stored_rows FROM gold_balances_size s
