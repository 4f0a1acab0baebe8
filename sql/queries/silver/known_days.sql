-- Purpose: the content of the events of a relation that were read, day by day. Parameters: $1 the relation. Columns: day,
-- events, content (as text). Locks: none.
SELECT d.day, d.events, d.content::text AS content FROM silver_days d WHERE d.relation = $1
