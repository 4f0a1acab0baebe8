-- Purpose: what has been read is recognised in one pass over each source table, and silver rewinds by key: when events of earlier days have changed, or a run reads less than the one before, only
-- the keys that can be concerned are folded again. Search path: paydirt's schema, then the source schema.

-- up
-- Row versions are compared by the client now, one statement per table (sql/queries/marks): for events together with the
-- versions of their blocks, so that the other blocks need not be looked at; for submissions up to the last block that was
-- checked. A relation that was read by an earlier version has other marks: then its events are compared day by day, once.
DROP FUNCTION record_blocks, record_source, source_state, physical_fingerprint;
DELETE FROM silver_sources WHERE relation = 'blocks';
ALTER TABLE silver_sources DROP COLUMN events, ALTER COLUMN last_block DROP NOT NULL;
UPDATE silver_sources SET last_block = NULL;

-- Makes touched_keys, and an empty carried_ranges: the keys whose ranges may depend on events from a day on. Those are the
-- keys of ranges that begin or end then or later, and of events of that day, the day before and later: an event of the day
-- before may have had its range cancelled by one of the day, and left no trace of it.
CREATE FUNCTION touch_keys(relation text, events_of text, keys text[], since timestamp) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    key_columns text := (SELECT string_agg(format('%I', key), ', ') FROM unnest(keys) AS key);
    touched     bigint;
BEGIN
    EXECUTE format('CREATE TEMP TABLE carried_ranges (LIKE %I) ON COMMIT DROP', relation);
    EXECUTE format('CREATE TEMP TABLE touched_keys ON COMMIT DROP AS '
                   'SELECT %1$s FROM %2$I WHERE valid_from >= $1::date OR valid_to >= $1::date '
                   'UNION SELECT %1$s FROM %3$I() e WHERE e.at >= $1 - interval ''1 day''',
                   key_columns, relation, events_of) USING since;
    GET DIAGNOSTICS touched = ROW_COUNT;
    EXECUTE format('CREATE UNIQUE INDEX ON touched_keys (%s)', key_columns);
    ANALYZE touched_keys;
    RETURN touched;
END
$$;

-- Replaces the ranges of the touched keys by the fresh ones, touching only what differs, and drops the temp tables.
CREATE FUNCTION replace_touched(relation text, keys text[], OUT removed bigint, OUT added bigint)
LANGUAGE plpgsql AS $$
DECLARE
    same_key text := (SELECT string_agg(format('k.%1$I = old.%1$I', key), ' AND ') FROM unnest(keys) AS key);
BEGIN
    ANALYZE fresh_ranges;
    EXECUTE format('DELETE FROM %I old USING touched_keys k WHERE %s '
                   'AND NOT EXISTS (SELECT FROM fresh_ranges fresh WHERE fresh::text = old::text)', relation, same_key);
    GET DIAGNOSTICS removed = ROW_COUNT;
    EXECUTE format('INSERT INTO %1$I SELECT fresh.* FROM fresh_ranges fresh WHERE NOT EXISTS '
                   '(SELECT FROM %1$I old JOIN touched_keys k ON %2$s WHERE old::text = fresh::text)', relation, same_key);
    GET DIAGNOSTICS added = ROW_COUNT;
    DROP TABLE fresh_ranges, carried_ranges, touched_keys;
END
$$;

-- As event_days, for events of blocks from a number on: samples have an index by block alone.
CREATE FUNCTION event_days_from(events_of text, since timestamp, before timestamp, first_block bigint)
RETURNS TABLE (day date, events bigint, content numeric)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT e.at::date, count(*), sum(hashtextextended(e::text, 0)) FROM %I() e '
                                'WHERE e.at >= $1 AND e.at < $2 AND e.block_number >= $3 GROUP BY 1', events_of)
                 USING since, before, first_block;
END
$$;

-- An empty touched_keys, for the other ways of bringing a relation up to date.
CREATE FUNCTION touch_nothing(relation text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TEMP TABLE touched_keys (LIKE %I) ON COMMIT DROP', relation);
END
$$;

-- down
DROP FUNCTION replace_touched, touch_nothing, touch_keys, event_days_from;
-- Without knowledge of what was read, the next run folds all events.
DELETE FROM silver_sources;
DELETE FROM silver_days;
ALTER TABLE silver_sources ADD COLUMN events bigint NOT NULL, ALTER COLUMN last_block SET NOT NULL;
-- The cheap fingerprint: which row versions there are, not what is in them. A row that is inserted, updated or deleted
-- changes it; a dump and restore does so too, and then the exact one decides. Views and foreign tables have none: NULL.
CREATE FUNCTION physical_fingerprint(source regclass, block_column text, last_block bigint,
                                     OUT physical_rows bigint, OUT physical bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = source) IN ('r', 'p') THEN
        EXECUTE format('SELECT count(*), coalesce(bit_xor(hash_record_extended(ROW(tableoid, ctid, xmin), 0)), 0) '
                       'FROM %s WHERE %I <= $1', source, block_column)
        INTO physical_rows, physical USING last_block;
    END IF;
END
$$;

-- What is known of a relation: the day before which its events have been read (NULL: never), and the first of those days
-- whose events have changed since (NULL: none).
CREATE FUNCTION source_state(relation text, events_of text, source text, blocks_are_intact boolean,
                             OUT read_before date, OUT first_changed date)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    known     silver_sources;
    now_there record;
    now_read  bigint;
BEGIN
    SELECT s.* INTO known FROM silver_sources s WHERE s.relation = source_state.relation;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    read_before := known.read_before;
    SELECT f.* INTO now_there FROM physical_fingerprint(source::regclass, 'block_number', known.last_block) f;
    EXECUTE format('SELECT count(*) FROM %I() e WHERE e.at < $1', events_of) INTO now_read USING read_before::timestamp;
    IF blocks_are_intact AND now_read = known.events
       AND (now_there.physical_rows, now_there.physical) = (known.physical_rows, known.physical) THEN
        RETURN;
    END IF;
    SELECT min(coalesce(n.day, k.day)) INTO first_changed
    FROM event_days(events_of, '-infinity', source_state.read_before) n
    FULL JOIN (SELECT d.* FROM silver_days d WHERE d.relation = source_state.relation) k ON k.day = n.day
    WHERE (n.events, n.content) IS DISTINCT FROM (k.events, k.content);
END
$$;

-- Records what has been read of a relation, from since to before; all of it if it was rebuilt.
CREATE FUNCTION record_source(relation text, events_of text, source text, since timestamp, before timestamp, rebuilt boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    newest bigint;
BEGIN
    IF rebuilt THEN
        DELETE FROM silver_days d WHERE d.relation = record_source.relation;
        DELETE FROM silver_sources s WHERE s.relation = record_source.relation;
        since := '-infinity';
    END IF;
    INSERT INTO silver_days (relation, day, events, content)
    SELECT record_source.relation, n.day, n.events, n.content FROM event_days(events_of, since, before) n;
    EXECUTE format('SELECT max(e.block_number) FROM %I() e WHERE e.at >= $1 AND e.at < $2', events_of)
    INTO newest USING since, before;
    newest := greatest(newest, (SELECT s.last_block FROM silver_sources s WHERE s.relation = record_source.relation),
                       (SELECT s.last_block FROM silver_sources s WHERE s.relation = 'blocks'));
    INSERT INTO silver_sources (relation, read_before, last_block, physical_rows, physical, events)
    SELECT record_source.relation, before::date, newest, f.physical_rows, f.physical,
           (SELECT coalesce(sum(d.events), 0) FROM silver_days d WHERE d.relation = record_source.relation)
    FROM physical_fingerprint(source::regclass, 'block_number', newest) f
    ON CONFLICT ON CONSTRAINT silver_sources_pkey DO UPDATE
    SET read_before = excluded.read_before, last_block = excluded.last_block, physical_rows = excluded.physical_rows,
        physical = excluded.physical, events = excluded.events;
END
$$;

-- Whether the blocks read so far are the same row versions; then records the blocks before a time.
CREATE FUNCTION record_blocks(before timestamp, OUT are_intact boolean)
LANGUAGE plpgsql AS $$
DECLARE
    known  silver_sources;
    newest bigint := (SELECT coalesce(max(b.number), -1) FROM blocks b WHERE b.block_time < before);
BEGIN
    SELECT s.* INTO known FROM silver_sources s WHERE s.relation = 'blocks';
    are_intact := FOUND AND coalesce(
        (SELECT (f.physical_rows, f.physical) = (known.physical_rows, known.physical)
         FROM physical_fingerprint('blocks'::regclass, 'number', known.last_block) f), false);
    INSERT INTO silver_sources (relation, read_before, last_block, physical_rows, physical, events)
    SELECT 'blocks', before::date, newest, f.physical_rows, f.physical, 0
    FROM physical_fingerprint('blocks'::regclass, 'number', newest) f
    ON CONFLICT ON CONSTRAINT silver_sources_pkey DO UPDATE
    SET read_before = excluded.read_before, last_block = excluded.last_block, physical_rows = excluded.physical_rows,
        physical = excluded.physical;
END
$$;

