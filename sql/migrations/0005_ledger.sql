-- Purpose: the ledger (design D5): a run is planned first, then its units commit one by one, then it becomes visible as a
-- whole. Search path: paydirt's schema, then the source schema.
--
-- Rows carry the run that wrote them. gold_table is a view that shows those of complete runs only: completing a run is one
-- update of one row of `runs`, and undoing it is deleting its rows. The four bytes per row fit behind the amount.

-- up
ALTER TABLE gold_table RENAME TO gold_rows;
ALTER TABLE gold_rows ADD COLUMN run_id integer;
UPDATE gold_rows g SET run_id = w.run_id
FROM gold_windows w
WHERE w.reward_hash = g.reward_hash AND g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot;
ALTER TABLE gold_rows ALTER COLUMN run_id SET NOT NULL;

CREATE VIEW gold_table AS
SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount
FROM gold_rows g
WHERE g.run_id IN (SELECT r.id FROM runs r WHERE r.status = 'complete');
COMMENT ON VIEW gold_table IS 'What complete runs paid (spec/03 §23). Rows of a run that is not complete are in gold_rows only.';

-- Partitions are called after the table they are of.
DO $$
DECLARE
    partition text;
BEGIN
    FOR partition IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                     WHERE i.inhparent = 'gold_rows'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO %I', partition, replace(partition, 'gold_table_', 'gold_rows_'));
    END LOOP;
END
$$;

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

-- The plan a run was started with; it never changes. A run that is resumed has to come to the same plan.
ALTER TABLE runs ADD COLUMN plan jsonb;

-- The units of a run: spans of days within one partition. A unit's rows, windows and watermarks commit with its mark.
CREATE TABLE units (
    run_id         bigint NOT NULL REFERENCES runs ON DELETE CASCADE,
    unit           integer NOT NULL,
    first_snapshot date NOT NULL,
    last_snapshot  date NOT NULL CHECK (last_snapshot >= first_snapshot),
    status         text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'done')),
    gold_rows      bigint,
    bytes          bigint,
    seconds        double precision,
    paid           jsonb,
    finished_at    timestamptz,
    PRIMARY KEY (run_id, unit)
);

-- Units widen the windows of their run.
CREATE UNIQUE INDEX gold_windows_run ON gold_windows (run_id, reward_hash);

-- The statuses of a run and the ways between them are closed sets.
CREATE FUNCTION check_run_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (('processing', 'processing'), ('processing', 'complete'), ('processing', 'failed'),
                                        ('failed', 'processing'), ('failed', 'failed'), ('complete', 'complete')) THEN
        RAISE EXCEPTION 'run % is %: it cannot become %', OLD.id, OLD.status, NEW.status;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_run_status BEFORE UPDATE OF status ON runs FOR EACH ROW EXECUTE FUNCTION check_run_status();

-- Removes what a run wrote, and the run: its rows, windows and units; watermarks go back to what other runs paid.
CREATE FUNCTION remove_run(removed_run bigint, OUT gold_rows bigint, OUT rewards bigint)
LANGUAGE plpgsql AS $$
DECLARE
    first_day date;
    last_day  date;
BEGIN
    SELECT min(w.first_snapshot), max(w.last_snapshot), count(*) INTO first_day, last_day, rewards
    FROM gold_windows w WHERE w.run_id = removed_run;
    -- Literal days, so that only the partitions of those days are looked at.
    EXECUTE format('DELETE FROM gold_rows g WHERE g.run_id = $1 AND g.snapshot BETWEEN %L AND %L', first_day, last_day)
    USING removed_run;
    GET DIAGNOSTICS gold_rows = ROW_COUNT;
    UPDATE watermarks m SET last_snapshot = others.last_snapshot
    FROM gold_windows w
    JOIN LATERAL (SELECT max(o.last_snapshot) AS last_snapshot FROM gold_windows o
                  WHERE o.reward_hash = w.reward_hash AND o.run_id <> removed_run) others ON others.last_snapshot IS NOT NULL
    WHERE w.run_id = removed_run AND m.reward_hash = w.reward_hash;
    DELETE FROM watermarks m USING gold_windows w
    WHERE w.run_id = removed_run AND m.reward_hash = w.reward_hash
      AND NOT EXISTS (SELECT FROM gold_windows o WHERE o.reward_hash = w.reward_hash AND o.run_id <> removed_run);
    DELETE FROM gold_windows w WHERE w.run_id = removed_run;
    DELETE FROM runs r WHERE r.id = removed_run;
END
$$;

-- down
DROP FUNCTION remove_run;
DROP TRIGGER check_run_status ON runs;
DROP FUNCTION check_run_status;
DROP INDEX gold_windows_run;
DROP TABLE units;
-- A run that is not complete is half-written now; before, it had left nothing.
DELETE FROM gold_rows g USING runs r WHERE r.id = g.run_id AND r.status <> 'complete';
DELETE FROM gold_windows w USING runs r WHERE r.id = w.run_id AND r.status <> 'complete';
DELETE FROM watermarks m WHERE NOT EXISTS (SELECT FROM gold_windows w WHERE w.reward_hash = m.reward_hash);
UPDATE watermarks m SET last_snapshot = (SELECT max(w.last_snapshot) FROM gold_windows w WHERE w.reward_hash = m.reward_hash);
ALTER TABLE runs DROP COLUMN plan;
DROP VIEW gold_table;
ALTER TABLE gold_rows DROP COLUMN run_id;
DO $$
DECLARE
    partition text;
BEGIN
    FOR partition IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                     WHERE i.inhparent = 'gold_rows'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO %I', partition, replace(partition, 'gold_rows_', 'gold_table_'));
    END LOOP;
END
$$;
ALTER TABLE gold_rows RENAME TO gold_table;
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
        partition := 'gold_table_' || to_char(month_start, 'YYYY_MM');
        IF to_regclass(quote_ident(partition)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE gold_table INCLUDING ALL)', partition);
            EXECUTE format('ALTER TABLE gold_table ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           partition, month_start, (month_start + interval '1 month')::date);
            created := created + 1;
        END IF;
    END LOOP;
    RETURN created;
END
$$;
