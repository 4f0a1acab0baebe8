-- Purpose: the days whose events are read. Parameters: $1 the first (NULL: from the beginning), $2 the day after the last
-- (NULL: to the end). Locks: none.
INSERT INTO refresh_window (since, before)
VALUES (coalesce($1::date::timestamp, '-infinity'), coalesce($2::date::timestamp, 'infinity'))
