-- Purpose: who holds a lock on a table, a vacuum for example, is not waited for. Parameters: none. Locks: none.
SELECT set_config('lock_timeout', '1s', true)
