-- Purpose: gold rows as integers behind the same gold_table (design D7). An address of 42 bytes and a hash of 66 become four
-- bytes each, so a row takes 60 bytes instead of 205; docs/performance.md has the measurements behind this.
-- Search path: paydirt's schema, then the source schema.
--
-- Everything is written anew, in one transaction: it takes as much disk again as the new rows do (a third of the old ones),
-- about a minute for ten million rows, and nobody reads gold_table meanwhile.

-- up
-- Whoever may earn: filled before rows need it, never changed or deleted. Nothing enforces that rows have their entry (a
-- foreign key costs a look-up per row); sql/checks/gold_dictionary.sql looks.
CREATE TABLE gold_earners (
    id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text NOT NULL UNIQUE
);
-- A submission has one token, so both are one number.
CREATE TABLE gold_rewards (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reward_hash text NOT NULL,
    token       text NOT NULL,
    UNIQUE (reward_hash, token)
);
CREATE INDEX gold_rewards_token_idx ON gold_rewards (token);

ALTER TABLE gold_rows RENAME TO text_rows;
DROP INDEX gold_rows_reward_hash_snapshot_idx, gold_rows_run_id_idx;

-- The fixed-size columns first: nothing is lost between them.
CREATE TABLE gold_rows (
    snapshot date    NOT NULL,
    earner   integer NOT NULL,
    reward   integer NOT NULL,
    run_id   integer NOT NULL,
    amount   numeric NOT NULL
) PARTITION BY RANGE (snapshot);

-- The statements that give partitions with rows the indexes they lack; no row when none does. They are not indexes of gold_rows itself:
-- a partition would have them from the start, and loading a month into an index costs three times what building it
-- afterwards does. So the one who loads a month builds them when it is done (sql/queries/partitions/missing_indexes.sql).
--   earner: one earner's rows.
--   reward, snapshot, run_id: rows are written reward by reward and day by day, so a submission, a day or a run is in few
--     places of a partition, and BRIN finds them with an index of some pages.
CREATE FUNCTION missing_gold_indexes(before date DEFAULT 'infinity')
RETURNS TABLE (partition text, statement text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.relname::text, format('CREATE INDEX %I ON %s %s', c.relname || '_' || wanted.suffix, c.oid::regclass, wanted.definition)
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN (
        VALUES ('earner_idx', 'USING btree (earner)'),
               ('reward_idx', 'USING brin (reward, snapshot, run_id) WITH (pages_per_range = 16, autosummarize = on)')
    ) AS wanted (suffix, definition)
    WHERE i.inhparent = 'gold_rows'::regclass AND NOT i.inhdetachpending AND pg_relation_size(c.oid) > 0
      AND c.relname < 'gold_rows_' || to_char(least(before, '9999-01-01'), 'YYYY_MM')
      AND NOT EXISTS (SELECT FROM pg_index x JOIN pg_class k ON k.oid = x.indexrelid
                      WHERE x.indrelid = c.oid AND k.relname = c.relname || '_' || wanted.suffix)
    ORDER BY c.relname, wanted.suffix
$$;

-- As in 0009, but for the indexes and for how large a sample ANALYZE takes: with the usual target of 100 it reads every page of a
-- month after each load, and nobody asks for amounts.
CREATE OR REPLACE FUNCTION ensure_gold_partition(month date)
RETURNS text
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    month_start date := date_trunc('month', month::timestamp)::date;
    partition   text := 'gold_rows_' || to_char(month_start, 'YYYY_MM');
    attached    boolean;
BEGIN
    SELECT i.inhrelid IS NOT NULL AND NOT i.inhdetachpending INTO attached
    FROM pg_class p
    JOIN pg_class c ON c.relnamespace = p.relnamespace AND c.relname = partition
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = p.oid
    WHERE p.oid = 'gold_rows'::regclass;
    IF attached THEN
        RETURN NULL;
    ELSIF FOUND THEN
        RAISE EXCEPTION 'table % is there, but not (or not for long) a partition of gold_rows', partition
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('a drop was interrupted, or somebody detached it; attach it again, or finish the drop: '
                                  'paydirt partitions drop --before %s', (month_start + interval '1 month')::date);
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE gold_rows INCLUDING ALL) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, '
                   'autovacuum_analyze_scale_factor = 0.02, autovacuum_freeze_min_age = 0)', partition);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN amount SET STATISTICS 0, ALTER COLUMN snapshot SET STATISTICS 20, '
                   'ALTER COLUMN earner SET STATISTICS 20, ALTER COLUMN reward SET STATISTICS 20, '
                   'ALTER COLUMN run_id SET STATISTICS 20', partition);
    EXECUTE format('ALTER TABLE gold_rows ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   partition, month_start, (month_start + interval '1 month')::date);
    RETURN partition;
END
$$;

INSERT INTO gold_rewards (reward_hash, token)
SELECT DISTINCT t.reward_hash, t.token FROM text_rows t ORDER BY 1, 2;
INSERT INTO gold_earners (address)
SELECT DISTINCT t.earner FROM text_rows t ORDER BY 1;
ANALYZE gold_rewards, gold_earners;

-- Month by month; within a month as runs write: by run, day and submission.
DO $$
DECLARE
    old       regclass;
    partition text;
    statement text;
BEGIN
    FOR old, partition IN SELECT c.oid::regclass, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                          WHERE i.inhparent = 'text_rows'::regclass ORDER BY c.relname
    LOOP
        EXECUTE format('ALTER TABLE %s RENAME TO %I', old, replace(partition, 'gold_rows_', 'text_rows_'));
        PERFORM ensure_gold_partition(to_date(right(partition, 7), 'YYYY_MM'));
        EXECUTE format('INSERT INTO %I (snapshot, earner, reward, run_id, amount) '
                       'SELECT t.snapshot, e.id, r.id, t.run_id, t.amount FROM %s t '
                       'JOIN gold_earners e ON e.address = t.earner '
                       'JOIN gold_rewards r ON r.reward_hash = t.reward_hash AND r.token = t.token '
                       'ORDER BY t.run_id, t.snapshot, r.id, e.id', partition, old);
        EXECUTE format('DROP TABLE %s', old);
    END LOOP;
    FOR partition, statement IN SELECT m.partition, m.statement FROM missing_gold_indexes() m LOOP
        EXECUTE statement;
    END LOOP;
END
$$;

-- LEFT JOIN: a row without its entry shows as NULL instead of vanishing, and who does not ask for an address or a hash does
-- not pay for the look-up. A condition on a text column makes it a plain join, so the index on the integers is used.
CREATE VIEW gold_of_runs AS
SELECT e.address AS earner, g.snapshot, r.reward_hash, r.token, g.amount, g.run_id
FROM gold_rows g
LEFT JOIN gold_earners e ON e.id = g.earner
LEFT JOIN gold_rewards r ON r.id = g.reward;
COMMENT ON VIEW gold_of_runs IS 'gold_rows with texts: the rows of all runs, complete or not, and which run wrote them.';

-- Replaced, not dropped: rights on it, and views of others, stay.
CREATE OR REPLACE VIEW gold_table AS
SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount
FROM gold_of_runs g
WHERE g.run_id IN (SELECT r.id FROM runs r WHERE r.status = 'complete');
COMMENT ON VIEW gold_table IS 'What complete runs paid (spec/03 §23). Rows of a run that is not complete are in gold_of_runs only.';
DROP TABLE text_rows;

-- down
ALTER TABLE gold_rows RENAME TO compact_rows;
CREATE TABLE gold_rows (
    earner      text    NOT NULL,
    snapshot    date    NOT NULL,
    reward_hash text    NOT NULL,
    token       text    NOT NULL,
    amount      numeric NOT NULL,
    run_id      integer NOT NULL
) PARTITION BY RANGE (snapshot);
-- As in 0009.
CREATE OR REPLACE FUNCTION ensure_gold_partition(month date)
RETURNS text
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    month_start date := date_trunc('month', month::timestamp)::date;
    partition   text := 'gold_rows_' || to_char(month_start, 'YYYY_MM');
    attached    boolean;
BEGIN
    SELECT i.inhrelid IS NOT NULL AND NOT i.inhdetachpending INTO attached
    FROM pg_class p
    JOIN pg_class c ON c.relnamespace = p.relnamespace AND c.relname = partition
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = p.oid
    WHERE p.oid = 'gold_rows'::regclass;
    IF attached THEN
        RETURN NULL;
    ELSIF FOUND THEN
        RAISE EXCEPTION 'table % is there, but not (or not for long) a partition of gold_rows', partition
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('a drop was interrupted, or somebody detached it; attach it again, or finish the drop: '
                                  'paydirt partitions drop --before %s', (month_start + interval '1 month')::date);
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE gold_rows INCLUDING ALL) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, '
                   'autovacuum_analyze_scale_factor = 0.02, autovacuum_freeze_min_age = 0)', partition);
    EXECUTE format('ALTER TABLE gold_rows ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   partition, month_start, (month_start + interval '1 month')::date);
    RETURN partition;
END
$$;
DO $$
DECLARE
    old       regclass;
    partition text;
BEGIN
    FOR old, partition IN SELECT c.oid::regclass, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                          WHERE i.inhparent = 'compact_rows'::regclass ORDER BY c.relname
    LOOP
        EXECUTE format('ALTER TABLE %s RENAME TO %I', old, replace(partition, 'gold_rows_', 'compact_rows_'));
        PERFORM ensure_gold_partition(to_date(right(partition, 7), 'YYYY_MM'));
        EXECUTE format('INSERT INTO %I SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount, g.run_id FROM gold_of_runs g '
                       'WHERE g.snapshot >= %L AND g.snapshot < %L ORDER BY g.run_id, g.snapshot',
                       partition, to_date(right(partition, 7), 'YYYY_MM'),
                       (to_date(right(partition, 7), 'YYYY_MM') + interval '1 month')::date);
    END LOOP;
END
$$;
CREATE OR REPLACE VIEW gold_table AS
SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount
FROM gold_rows g
WHERE g.run_id IN (SELECT r.id FROM runs r WHERE r.status = 'complete');
DROP VIEW gold_of_runs;
DROP FUNCTION missing_gold_indexes;
DROP TABLE compact_rows, gold_earners, gold_rewards;
CREATE INDEX gold_rows_reward_hash_snapshot_idx ON gold_rows (reward_hash, snapshot DESC);
CREATE INDEX gold_rows_run_id_idx ON gold_rows USING brin (run_id) WITH (autosummarize = on);
COMMENT ON VIEW gold_table IS 'What complete runs paid (spec/03 §23). Rows of a run that is not complete are in gold_rows only.';
