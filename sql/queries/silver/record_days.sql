-- Purpose: records the content of some days of a relation. Parameters: $1 the relation, $2 its events, $3 the first day, $4
-- the day after the last. Locks: rows of silver_days.
INSERT INTO silver_days (relation, day, events, content)
SELECT $1, n.day, n.events, n.content FROM event_days($2, coalesce($3::date::timestamp, '-infinity'), $4::date) n
