-- Purpose: makes touched_keys. Parameters: $1 the relation, $2 its events, $3 its key columns, $4 the first day whose events
-- count no more. Columns: touched. Locks: none.
SELECT touch_keys($1, $2, $3, $4::date) AS touched
