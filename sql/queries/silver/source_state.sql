-- Purpose: how far a relation has been read, and the first day of it that has changed. Parameters: $1 the relation, $2 its
-- events, $3 its source table, $4 whether the blocks are unchanged. Columns: read_before, first_changed. Locks: none.
SELECT read_before, first_changed FROM source_state($1, $2, $3, $4)
