-- Purpose: what has been read of each relation, and checked of each submission table. Parameters: none. Columns: as listed;
-- last_block is NULL for relations. Locks: none.
SELECT relation, read_before, last_block, physical_rows, physical FROM silver_sources
