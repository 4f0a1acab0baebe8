-- Purpose: partitions that are made ahead and can be dropped, and indexes of gold_rows (design D7).
-- Search path: paydirt's schema, then the source schema.
--
-- Big tables get their indexes while they are read and written: `up` makes the indexes of the partitioned table alone, which
-- have no pages; `up concurrently` builds those of the partitions outside of a transaction. An interrupted migration is not
-- recorded and begins anew, so `up` and `down` can be repeated.

-- up
-- What was dropped on purpose: sql/checks leave these days out. begun_at is set before a partition is detached and cleared
-- when it is gone, so what an interrupted drop has left is known. A partition that was written again may be dropped again.
CREATE TABLE IF NOT EXISTS dropped_partitions (
    first_snapshot date PRIMARY KEY,
    last_snapshot  date NOT NULL CHECK (last_snapshot >= first_snapshot),
    gold_rows      bigint NOT NULL DEFAULT 0,
    begun_at       timestamptz,
    dropped_at     timestamptz
);

-- Days into which no run has written any more (the runs were undone) are nothing to leave out.
CREATE OR REPLACE FUNCTION forget_dropped_partitions() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM dropped_partitions d
    WHERE d.begun_at IS NULL
      AND NOT EXISTS (SELECT FROM gold_windows w
                      WHERE w.first_snapshot <= d.last_snapshot AND w.last_snapshot >= d.first_snapshot);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER forget_dropped_partitions AFTER DELETE ON gold_windows
FOR EACH STATEMENT EXECUTE FUNCTION forget_dropped_partitions();

-- Makes the partition of a month unless it is there; returns its name if it was made. Attached rather than created in place:
-- CREATE TABLE ... PARTITION OF takes ACCESS EXCLUSIVE on gold_rows, ATTACH only SHARE UPDATE EXCLUSIVE, which blocks neither
-- readers nor writers. The new table is empty, so a CHECK constraint would save nothing when it is attached. It gets the
-- indexes of gold_rows, and settings for a table that is only appended to (all take effect from the first vacuum on):
--   autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor: a day is about a thirtieth of a month; with the
--     usual 0.2 and 0.1 visibility, summaries of the BRIN index and statistics would lag days behind the runs;
--   autovacuum_freeze_min_age: rows do not change any more, so they are frozen at once and never rewritten later.
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

CREATE OR REPLACE FUNCTION ensure_gold_partitions(first_snapshot date, last_snapshot date)
RETURNS integer
LANGUAGE sql SET search_path FROM CURRENT AS $$
    SELECT count(ensure_gold_partition(m::date))::integer
    FROM generate_series(date_trunc('month', first_snapshot::timestamp), last_snapshot::timestamp, '1 month') AS m
$$;

-- The partitions that are there already. SHARE UPDATE EXCLUSIVE on each; readers and writers go on.
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT i.inhrelid::regclass FROM pg_inherits i WHERE i.inhparent = 'gold_rows'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_vacuum_insert_scale_factor = 0.02, '
                       'autovacuum_analyze_scale_factor = 0.02, autovacuum_freeze_min_age = 0)', partition);
    END LOOP;
END
$$;

-- One submission's rows and its newest day, for users of gold_table (`WHERE reward_hash = ...`, max(snapshot)); the issue
-- asks for it. Nothing of paydirt's own needs it: sql/queries/facts/watermarks.sql reads watermarks, the checks read
-- everything. Costs most of all indexes: about 1.5 s per million rows of COPY, 13 bytes per row.
-- ON ONLY takes SHARE on gold_rows for a moment: a run's unit in progress is waited for.
CREATE INDEX IF NOT EXISTS gold_rows_reward_hash_snapshot_idx ON ONLY gold_rows (reward_hash, snapshot DESC);

-- The rows of a run: remove_run() (sql/queries/runs/remove.sql), sql/queries/verify/gold_of_run.sql and
-- gold_fingerprint.sql. Runs append, so a run's rows are in few places of a partition: BRIN finds them with an index of some
-- pages, at 0.2 s per million rows of COPY where a btree costs 0.6 s.
CREATE INDEX IF NOT EXISTS gold_rows_run_id_idx ON ONLY gold_rows USING brin (run_id) WITH (autosummarize = on);

-- up concurrently
-- The statements that are still to run, in order; no row when all is done. They are run one by one outside of a transaction,
-- then this is asked again. Names are those that CREATE TABLE ... (LIKE gold_rows INCLUDING ALL) gives.
-- 1. drops what an interrupted build has left (not valid), 2. builds, without blocking readers or writers, 3. attaches, which
-- locks the new index for a moment.
WITH wanted (parent, suffix, definition) AS (
    VALUES ('gold_rows_reward_hash_snapshot_idx', 'reward_hash_snapshot_idx', 'USING btree (reward_hash, snapshot DESC)'),
           ('gold_rows_run_id_idx', 'run_id_idx', 'USING brin (run_id) WITH (autosummarize = on)')
), missing AS (
    SELECT c.oid AS partition, c.relname, w.parent::regclass AS parent, w.definition,
           n.nspname AS schema, c.relname || '_' || w.suffix AS index
    FROM wanted w
    CROSS JOIN pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.inhparent = 'gold_rows'::regclass AND NOT i.inhdetachpending
      AND NOT EXISTS (SELECT FROM pg_index x JOIN pg_inherits h ON h.inhrelid = x.indexrelid
                      WHERE x.indrelid = c.oid AND h.inhparent = w.parent::regclass)
), present AS (
    SELECT m.partition, m.index, x.indisvalid
    FROM missing m
    JOIN pg_index x ON x.indrelid = m.partition
    JOIN pg_class k ON k.oid = x.indexrelid AND k.relname = m.index
)
SELECT s.statement
FROM missing m
LEFT JOIN present p ON p.partition = m.partition AND p.index = m.index
CROSS JOIN LATERAL (
    VALUES (1, NOT p.indisvalid, format('DROP INDEX CONCURRENTLY %I.%I', m.schema, m.index)),
           (2, p.indisvalid IS NOT TRUE, format('CREATE INDEX CONCURRENTLY %I ON %s %s', m.index, m.partition::regclass, m.definition)),
           (3, true, format('ALTER INDEX %s ATTACH PARTITION %I.%I', m.parent, m.schema, m.index))
) AS s (step, applies, statement)
WHERE s.applies
ORDER BY m.relname, m.index, s.step

-- down
-- Those of the partitions go with them, but for those that were not attached yet.
DROP INDEX IF EXISTS gold_rows_reward_hash_snapshot_idx, gold_rows_run_id_idx;
DO $$
DECLARE
    partition text;
BEGIN
    FOR partition IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                     WHERE i.inhparent = 'gold_rows'::regclass
    LOOP
        EXECUTE format('DROP INDEX IF EXISTS %I, %I', partition || '_reward_hash_snapshot_idx', partition || '_run_id_idx');
        EXECUTE format('ALTER TABLE %I RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor, '
                       'autovacuum_freeze_min_age)', partition);
    END LOOP;
END
$$;
DROP TRIGGER IF EXISTS forget_dropped_partitions ON gold_windows;
DROP FUNCTION IF EXISTS forget_dropped_partitions;
DROP TABLE IF EXISTS dropped_partitions;
CREATE OR REPLACE FUNCTION ensure_gold_partitions(first_snapshot date, last_snapshot date)
RETURNS integer
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    month_start date;
    partition   text;
    created     integer := 0;
BEGIN
    FOR month_start IN
        SELECT generate_series(date_trunc('month', first_snapshot::timestamp), last_snapshot::timestamp, '1 month')::date
    LOOP
        partition := 'gold_rows_' || to_char(month_start, 'YYYY_MM');
        IF to_regclass(quote_ident(partition)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE gold_rows INCLUDING ALL)', partition);
            EXECUTE format('ALTER TABLE gold_rows ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           partition, month_start, (month_start + interval '1 month')::date);
            created := created + 1;
        END IF;
    END LOOP;
    RETURN created;
END
$$;
DROP FUNCTION IF EXISTS ensure_gold_partition;
