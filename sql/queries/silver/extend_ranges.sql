-- Purpose: replaces the carried ranges by the fresh ones. Parameters: $1 the relation, $2 its key columns, $3 the first new
-- day, $4 whether it is sampled daily. Columns: removed, added. Locks: rows of the relation.
SELECT removed, added FROM extend_ranges($1, $2, $3::date, $4)
