-- Purpose: records the content of some days of some relations. Parameters: arrays of the columns. Locks: rows of silver_days.
INSERT INTO silver_days (relation, day, events, content)
SELECT n.relation, n.day, n.events, n.content::numeric
FROM unnest($1::text[], $2::date[], $3::bigint[], $4::text[]) n (relation, day, events, content)
