-- Purpose: where rows wait until their block is there, in tables like the indexer's. Parameters: none.
DO $$
DECLARE
    name text;
BEGIN
    CREATE SCHEMA feed;
    FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('CREATE UNLOGGED TABLE feed.%1$I (LIKE public.%1$I INCLUDING DEFAULTS)', name);
    END LOOP;
END
$$
