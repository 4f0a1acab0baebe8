-- Purpose: the texts of earners. Parameters: none. Columns: id, address. Order: none. Locks: none.
SELECT e.id, e.address FROM gold_earners e
