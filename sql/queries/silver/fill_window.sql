-- Purpose: the days whose events are read. Parameters: $1 the first (NULL: from the beginning), $2 the day after the last
-- (NULL: to the end), $3 whether only events of touched_keys are, $4 a block below which there is none of these events. Locks:
-- none. The upper bound is there for the planner, which then expects few rows between the two.
INSERT INTO refresh_window (since, before, touched_only, first_block, last_block)
VALUES (coalesce($1::date::timestamp, '-infinity'), coalesce($2::date::timestamp, 'infinity'), $3, $4, 9223372036854775807)
