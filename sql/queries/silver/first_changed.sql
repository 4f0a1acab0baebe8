-- Purpose: the first day whose events have changed since they were read. Parameters: $1 the relation, $2 its events, $3 the day
-- before which was read. Columns: day, NULL if none has. Locks: none.
SELECT min(coalesce(n.day, k.day)) AS day
FROM event_days($2, '-infinity', $3::date) n
FULL JOIN (SELECT d.* FROM silver_days d WHERE d.relation = $1) k ON k.day = n.day
WHERE (n.events, n.content) IS DISTINCT FROM (k.events, k.content)
