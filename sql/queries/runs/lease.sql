-- Purpose: who works on the schema. Parameters: none. Columns: as listed. Locks: none.
SELECT host, pid, doing, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since FROM lease
