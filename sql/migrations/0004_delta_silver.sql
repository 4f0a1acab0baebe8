-- Purpose: silver as a delta (design D3): the events of each relation as a function, how far each has been read, and
-- fingerprints by which a later run notices that earlier events have changed.
-- Search path: paydirt's schema, then the source schema.
--
-- The functions are bound late on purpose, like those of 0002, and have no settings of their own, so that the planner sees
-- through them. `at` is when an event counts: runs read whole days of it.

-- up
-- Bodies refer to the temp tables of a run, which do not exist now.
SET LOCAL check_function_bodies = off;

-- spec/02 §4
CREATE FUNCTION operator_avs_registration_events()
RETURNS TABLE (avs text, operator text, registered boolean,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.avs, e.operator, e.registered,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM avs_operator_state_changes e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §5, Q14
CREATE FUNCTION operator_avs_strategy_events()
RETURNS TABLE (operator text, avs text, strategy text,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT lower(e.operator), lower(e.avs), lower(e.strategy),
           e.block_time, e.block_time, e.block_number::bigint, NULL::bigint
    FROM operator_restaked_strategies e
    JOIN run_input i ON lower(e.avs_directory_address) = i.avs_directory
$$;

-- spec/02 §2, §3
CREATE FUNCTION operator_share_events()
RETURNS TABLE (operator text, strategy text, shares numeric,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.strategy, e.shares,
           e.block_time, e.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_share_deltas e
$$;

-- spec/02 §2, §3
CREATE FUNCTION staker_share_events()
RETURNS TABLE (staker text, strategy text, shares numeric,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.staker, e.strategy, e.shares,
           e.block_time, e.block_time, e.block_number::bigint, e.log_index::bigint
    FROM staker_share_deltas e
$$;

-- spec/02 §3, Q17: an undelegation is a delegation to the zero address
CREATE FUNCTION staker_delegation_events()
RETURNS TABLE (staker text, operator text,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.staker, CASE WHEN e.delegated THEN e.operator ELSE '0x0000000000000000000000000000000000000000' END,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM staker_delegation_changes e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §3
CREATE FUNCTION operator_avs_split_events()
RETURNS TABLE (operator text, avs text, split integer,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.avs, e.new_operator_avs_split_bips::integer,
           e.activated_at, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_avs_splits e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §3
CREATE FUNCTION operator_pi_split_events()
RETURNS TABLE (operator text, split integer,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.new_operator_pi_split_bips::integer,
           e.activated_at, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_pi_splits e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §3, Q15: effective at once, at most 10000 bips
CREATE FUNCTION default_operator_split_events()
RETURNS TABLE (split integer,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT least(e.new_default_operator_split_bips, 10000)::integer,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM default_operator_splits e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §3, Q15: at most 10000 bips
CREATE FUNCTION operator_set_split_events()
RETURNS TABLE (operator text, avs text, operator_set_id bigint, split integer,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.avs, e.operator_set_id::bigint, least(e.new_operator_set_split_bips, 10000)::integer,
           e.activated_at, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_set_splits e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §4
CREATE FUNCTION operator_set_operator_registration_events()
RETURNS TABLE (operator text, avs text, operator_set_id bigint, registered boolean,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.avs, e.operator_set_id::bigint, e.is_active,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_set_operator_registrations e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §4, Q13
CREATE FUNCTION operator_set_strategy_registration_events()
RETURNS TABLE (strategy text, avs text, operator_set_id bigint, registered boolean,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.strategy, e.avs, e.operator_set_id::bigint, e.is_active,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_set_strategy_registrations e
    JOIN blocks b ON b.number = e.block_number
$$;

-- spec/02 §6, U9: a row counts from the block it takes effect in
CREATE FUNCTION operator_allocation_events()
RETURNS TABLE (operator text, avs text, strategy text, operator_set_id bigint, magnitude numeric,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.avs, e.strategy, e.operator_set_id::bigint, e.magnitude::numeric,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_allocations e
    JOIN blocks b ON b.number = coalesce(e.effective_block, e.block_number)
$$;

-- spec/02 §6
CREATE FUNCTION operator_max_magnitude_events()
RETURNS TABLE (operator text, strategy text, max_magnitude numeric,
               at timestamp, block_time timestamp, block_number bigint, log_index bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.operator, e.strategy, e.max_magnitude::numeric,
           b.block_time, b.block_time, e.block_number::bigint, e.log_index::bigint
    FROM operator_max_magnitudes e
    JOIN blocks b ON b.number = e.block_number
$$;

-- How far the events of a relation have been folded into its ranges: those of days before read_before. `relation` is the
-- range table, or 'blocks'. last_block is the highest block those rows are of; physical_rows and physical are the
-- fingerprint of the source table's rows up to it (NULL where the source is no plain table).
CREATE TABLE silver_sources (
    relation      text PRIMARY KEY,
    read_before   date NOT NULL,
    last_block    bigint NOT NULL,
    physical_rows bigint,
    physical      bigint,
    events        bigint NOT NULL
);

-- What was read, day by day: the second, exact fingerprint, looked at when the first one differs.
CREATE TABLE silver_days (
    relation text NOT NULL,
    day      date NOT NULL,
    events   bigint NOT NULL,
    content  numeric NOT NULL,
    PRIMARY KEY (relation, day)
);

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

-- The exact fingerprint of the events of some days.
CREATE FUNCTION event_days(events_of text, since timestamp, before timestamp)
RETURNS TABLE (day date, events bigint, content numeric)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT e.at::date, count(*), sum(hashtextextended(e::text, 0)) FROM %I() e '
                                'WHERE e.at >= $1 AND e.at < $2 GROUP BY 1', events_of) USING since, before;
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

-- Makes carried_ranges: the stored ranges that new events of their keys may change. Of relations that are sampled
-- daily those are the ranges that reach the first new day; of the others, the open ones.
CREATE FUNCTION carry_ranges(relation text, events_of text, keys text[], since timestamp, before timestamp, sampled boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    same_key text :=
        (SELECT coalesce(string_agg(format('e.%1$I = r.%1$I', key), ' AND '), 'true') FROM unnest(keys) AS key);
BEGIN
    EXECUTE format('CREATE TEMP TABLE carried_ranges (LIKE %I) ON COMMIT DROP', relation);
    IF sampled THEN
        EXECUTE format('INSERT INTO carried_ranges SELECT r.* FROM %I r WHERE r.valid_to >= $1::date', relation) USING since;
    ELSE
        EXECUTE format('INSERT INTO carried_ranges SELECT r.* FROM %I r WHERE r.valid_to IS NULL AND EXISTS '
                       '(SELECT FROM %I() e WHERE e.at >= $1 AND e.at < $2 AND %s)', relation, events_of, same_key)
        USING since, before;
    END IF;
END
$$;

-- Replaces the carried ranges by the fresh ones, touching only what differs, and drops both temp tables.
CREATE FUNCTION extend_ranges(relation text, keys text[], since timestamp, sampled boolean,
                              OUT removed bigint, OUT added bigint)
LANGUAGE plpgsql AS $$
DECLARE
    same_key text :=
        (SELECT coalesce(string_agg(format('fresh.%1$I = old.%1$I', key), ' AND '), 'true') FROM unnest(keys) AS key);
BEGIN
    IF sampled THEN
        -- Two carried samples stand for the whole range before the first new day; it keeps its beginning.
        EXECUTE format('UPDATE fresh_ranges fresh SET valid_from = old.valid_from FROM carried_ranges old '
                       'WHERE %s AND old.valid_from < $1::date AND fresh.valid_from = $1::date - 1', same_key) USING since;
    END IF;
    EXECUTE format('DELETE FROM %I old USING carried_ranges carried WHERE old::text = carried::text AND %s '
                   'AND NOT EXISTS (SELECT FROM fresh_ranges fresh WHERE fresh::text = carried::text)',
                   relation, replace(same_key, 'fresh.', 'carried.'));
    GET DIAGNOSTICS removed = ROW_COUNT;
    EXECUTE format('INSERT INTO %I SELECT fresh.* FROM fresh_ranges fresh '
                   'WHERE NOT EXISTS (SELECT FROM carried_ranges carried WHERE carried::text = fresh::text)', relation);
    GET DIAGNOSTICS added = ROW_COUNT;
    DROP TABLE fresh_ranges, carried_ranges;
END
$$;

-- down
DROP FUNCTION extend_ranges, carry_ranges, record_blocks, record_source, source_state, event_days, physical_fingerprint;
DROP TABLE silver_days, silver_sources;
DROP FUNCTION operator_avs_registration_events,
              operator_avs_strategy_events,
              operator_share_events,
              staker_share_events,
              staker_delegation_events,
              operator_avs_split_events,
              operator_pi_split_events,
              default_operator_split_events,
              operator_set_split_events,
              operator_set_operator_registration_events,
              operator_set_strategy_registration_events,
              operator_allocation_events,
              operator_max_magnitude_events;
