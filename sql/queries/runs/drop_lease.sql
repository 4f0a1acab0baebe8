-- Purpose: nobody works on the schema any more. Parameters: none. Locks: a row of lease.
DELETE FROM lease
