-- Purpose: the events that silver was made of, by relation, of the days before a cutoff. Parameters: $1 the cutoff. Columns: relation, events,
-- content (text), last_day. Order: relation. Locks: none.
SELECT d.relation, sum(d.events)::bigint AS events, sum(d.content)::text AS content, max(d.day) AS last_day
FROM silver_days d WHERE d.day < $1
GROUP BY d.relation
ORDER BY d.relation COLLATE "C"
