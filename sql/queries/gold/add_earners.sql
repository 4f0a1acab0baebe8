-- Purpose: gives numbers to addresses that have none. In order, so that sessions that add the same ones wait for each other
-- instead of in a circle. Parameters: $1 addresses. Locks: rows of gold_earners it adds.
INSERT INTO gold_earners (address)
SELECT DISTINCT a.address COLLATE "C" FROM unnest($1::text[]) AS a (address)
WHERE NOT EXISTS (SELECT FROM gold_earners e WHERE e.address = a.address)
ORDER BY 1
ON CONFLICT DO NOTHING
