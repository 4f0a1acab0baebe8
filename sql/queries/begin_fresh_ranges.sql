-- Purpose: an empty temp table fresh_ranges shaped like a range table. Parameters: $1 its name.
SELECT begin_fresh_ranges($1)
