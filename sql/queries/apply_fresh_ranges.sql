-- Purpose: makes a range table equal to fresh_ranges by touching only what differs, and drops fresh_ranges.
-- Parameters: $1 the table. Columns: removed, added. Locks: rows of the table.
SELECT removed, added FROM apply_fresh_ranges($1)
