-- Purpose: the statements that drop a partition; identifiers are quoted here, by the server. Parameters: $1 its name.
-- Columns: detach (SHARE UPDATE EXCLUSIVE on gold_rows and the partition, waits for older readers and blocks none; outside of a
-- transaction), finalize (finishes an interrupted one), count (its rows), remove (after it is detached). Locks: none.
SELECT format('ALTER TABLE %s DETACH PARTITION %s CONCURRENTLY', g.oid::regclass, c.oid::regclass) AS detach,
       format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', g.oid::regclass, c.oid::regclass) AS finalize,
       format('SELECT count(*) AS gold_rows FROM %s', c.oid::regclass) AS count,
       format('DROP TABLE %s', c.oid::regclass) AS remove
FROM pg_class g JOIN pg_class c ON c.relnamespace = g.relnamespace AND c.relname = $1
WHERE g.oid = 'gold_rows'::regclass
