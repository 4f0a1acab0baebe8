-- Purpose: the numbers of addresses. Parameters: $1 addresses. Columns: id, address. Locks: none.
SELECT e.id, e.address FROM gold_earners e WHERE e.address = ANY ($1)
