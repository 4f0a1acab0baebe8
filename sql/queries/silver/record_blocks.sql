-- Purpose: whether the blocks read by earlier runs are unchanged; records those before a time. Parameters: $1 the time.
-- Columns: are_intact. Locks: a row of silver_sources.
SELECT are_intact FROM record_blocks($1::date)
