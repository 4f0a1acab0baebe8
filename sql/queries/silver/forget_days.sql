-- Purpose: forgets the content of a relation from a day on. Parameters: $1 the relation, $2 the day (NULL: all). Locks: rows
-- of silver_days.
DELETE FROM silver_days WHERE relation = $1 AND ($2::date IS NULL OR day >= $2)
