-- Purpose: records the content of some days of a relation. Parameters: $1 the relation, $2 its events, $3 the first day, $4
-- the day after the last, $5 a block below which there is none of these events. Locks: rows of silver_days.
INSERT INTO silver_days (relation, day, events, content)
SELECT $1, n.day, n.events, n.content FROM event_days_from($2, coalesce($3::date::timestamp, '-infinity'), $4::date, $5) n
