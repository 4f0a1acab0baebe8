-- Purpose: forgets the window of the relation before. Parameters: none. Locks: none.
DELETE FROM refresh_window
