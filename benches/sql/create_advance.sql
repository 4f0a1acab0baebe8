-- Purpose: advance(before) does what an indexer does: it adds the rows of the blocks before a time, in the order of blocks.
-- Parameters: none.
CREATE FUNCTION feed.advance(before timestamp) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    name   text;
    number text;
    since  bigint := (SELECT coalesce(max(b.number), -1) FROM public.blocks b);
    upto   bigint := (SELECT max(b.number) FROM feed.blocks b WHERE b.block_time < before);
    total  bigint := 0;
    moved  bigint;
BEGIN
    FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'feed'::regnamespace AND c.relkind = 'r'
                ORDER BY c.relname <> 'blocks', c.relname
    LOOP
        number := CASE name WHEN 'blocks' THEN 'number' WHEN 'excluded_addresses' THEN '0::bigint' ELSE 'block_number' END;
        EXECUTE format('INSERT INTO public.%1$I SELECT f.* FROM feed.%1$I f WHERE %2$s > $1 AND %2$s <= $2 ORDER BY %2$s',
                       name, number) USING since, upto;
        GET DIAGNOSTICS moved = ROW_COUNT;
        total := total + moved;
    END LOOP;
    RETURN total;
END
$$
