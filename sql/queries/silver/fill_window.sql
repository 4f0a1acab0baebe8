-- Purpose: the days whose events are read. Parameters: $1 the first (NULL: from the beginning), $2 the day after the last
-- (NULL: to the end), $3 whether only events of touched_keys are. Locks: none.
INSERT INTO refresh_window (since, before, touched_only)
VALUES (coalesce($1::date::timestamp, '-infinity'), coalesce($2::date::timestamp, 'infinity'), $3)
