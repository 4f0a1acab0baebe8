-- Purpose: the same day by day. Parameters: $1 the cutoff. Columns: relation, day, events, content (text). Order: relation, day. Locks: none.
SELECT d.relation, d.day, d.events, d.content::text AS content
FROM silver_days d WHERE d.day < $1
ORDER BY d.relation COLLATE "C", d.day
