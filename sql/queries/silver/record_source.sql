-- Purpose: records what has been read of a relation, or checked of a submission table. Parameters: $1 its name, $2 the day
-- before which, $3 the last block (NULL for relations), $4 and $5 number and mark of the row versions (NULL: not a plain table).
-- Locks: a row of silver_sources.
INSERT INTO silver_sources (relation, read_before, last_block, physical_rows, physical) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (relation) DO UPDATE
SET read_before = excluded.read_before, last_block = excluded.last_block, physical_rows = excluded.physical_rows,
    physical = excluded.physical
