-- Purpose: the texts of some earners. Parameters: $1 their numbers. Columns: id, address. Order: none. Locks: none.
SELECT e.id, e.address FROM gold_earners e WHERE e.id = ANY($1::integer[])
