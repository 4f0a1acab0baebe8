-- Purpose: makes carried_ranges. Parameters: $1 the relation, $2 its events, $3 its key columns, $4 first new day, $5 the day
-- after the last, $6 whether it is sampled daily. Locks: none.
SELECT carry_ranges($1, $2, $3, $4::date, $5::date, $6)
