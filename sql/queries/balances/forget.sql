-- Purpose: no run is in the balances any more: rows of balanced runs are about to be dropped. Parameters: none. Several statements.
-- Locks: all rows of the three tables.
DELETE FROM gold_balanced_runs;
DELETE FROM gold_balances;
UPDATE gold_balances_size SET compacted = 0, appended = 0
