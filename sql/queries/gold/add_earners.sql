-- Purpose: gives numbers to addresses that have none, in the order given: whoever comes first there has rows first, and an index by
-- earner is built, and loaded, faster if rows come in its order. Sessions that add some take turns: with the same ones in another order
-- they would wait for each other in a circle. Parameters: $1 addresses. Locks: rows of gold_earners it adds; an advisory lock until the
-- transaction ends.
INSERT INTO gold_earners (address)
SELECT a.address
FROM unnest($1::text[]) WITH ORDINALITY AS a (address, place)
WHERE (SELECT pg_advisory_xact_lock(hashtextextended('paydirt earners ' || 'gold_earners'::regclass::oid, 0))) IS NOT NULL
  AND NOT EXISTS (SELECT FROM gold_earners e WHERE e.address = a.address)
GROUP BY a.address
ORDER BY min(a.place)
ON CONFLICT DO NOTHING
