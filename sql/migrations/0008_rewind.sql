-- Purpose: silver rewinds by key: when events of earlier days have changed, or a run reads less than the one before, only
-- the keys that can be concerned are folded again. Search path: paydirt's schema, then the source schema.

-- up
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

-- An empty touched_keys, for the other ways of bringing a relation up to date.
CREATE FUNCTION touch_nothing(relation text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TEMP TABLE touched_keys (LIKE %I) ON COMMIT DROP', relation);
END
$$;

-- down
DROP FUNCTION replace_touched, touch_nothing, touch_keys;
