-- Purpose: lets names mean the live tables again. Parameters: none. Locks: none beyond its own temp tables.
DROP TABLE pg_temp.watermarks, pg_temp.quarantine
