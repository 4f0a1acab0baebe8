-- Purpose: records what has been read of relations, and checked of submission tables. Parameters: $1 the day before which, then
-- arrays: $2 names, $3 the last block (NULL for relations), $4 and $5 number and mark of the row versions (NULL: not a plain
-- table). Locks: rows of silver_sources.
INSERT INTO silver_sources (relation, read_before, last_block, physical_rows, physical)
SELECT n.relation, $1, n.last_block, n.physical_rows, n.physical
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) n (relation, last_block, physical_rows, physical)
ON CONFLICT (relation) DO UPDATE
SET read_before = excluded.read_before, last_block = excluded.last_block, physical_rows = excluded.physical_rows,
    physical = excluded.physical
