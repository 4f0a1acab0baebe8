-- Purpose: a run does not wait for who holds a lock on the balances. Parameters: none. Locks: none.
SELECT set_config('lock_timeout', '2s', true)
