-- Purpose: the indexer's tables. Parameters: none. Columns: name. Order: name.
SELECT c.relname::text AS name FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE 'pg\_%'
ORDER BY name
