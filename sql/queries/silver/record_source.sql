-- Purpose: records what has been read of a relation. Parameters: $1 the relation, $2 its events, $3 its source table, $4 and
-- $5 the first day and the day after the last, $6 whether it was rebuilt. Locks: rows of silver_sources, silver_days.
SELECT record_source($1, $2, $3, coalesce($4::date::timestamp, '-infinity'), $5::date, $6)
