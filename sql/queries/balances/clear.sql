-- Purpose: the balances are about to be replaced by others. Readers see those until then. Parameters: none. Locks: the rows that go.
DELETE FROM gold_balances
