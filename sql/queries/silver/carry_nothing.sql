-- Purpose: an empty carried_ranges, for rebuilding. Parameters: $1 the relation. Locks: none.
SELECT carry_ranges($1, $1, ARRAY[]::text[], 'infinity', 'infinity', true)
