-- Purpose: replaces the ranges of the touched keys by the fresh ones. Parameters: $1 the relation, $2 its key columns.
-- Columns: removed, added. Locks: rows of the relation.
SELECT removed, added FROM replace_touched($1, $2)
