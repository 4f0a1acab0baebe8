-- Purpose: makes room for the next balances where the last ones were. Not in a transaction. Parameters: none. Locks: SHARE UPDATE
-- EXCLUSIVE on gold_balances, which blocks neither readers nor writers; passed over if somebody else holds it.
VACUUM (SKIP_LOCKED, TRUNCATE false) gold_balances
