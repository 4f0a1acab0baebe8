-- Purpose: runs, watermarks and the gold table (spec/00 §5, spec/03 §23, design D4, D5, D7).
-- Search path: paydirt's schema, then the source schema.
-- Every (reward_hash, snapshot) of gold_table is written by exactly one run (spec/03 §0: a run's days begin after the
-- watermark), so gold_windows traces each row to its run without a column per row.

-- up
CREATE TABLE runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain       text NOT NULL,
    cutoff      date NOT NULL UNIQUE,
    status      text NOT NULL CHECK (status IN ('processing', 'complete', 'failed')),
    engine      text NOT NULL CHECK (engine IN ('native', 'sql')),
    source      text NOT NULL CHECK (source IN ('events', 'snapshots')),
    version     text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    gold_rows   bigint,
    error       text
);

-- The last snapshot with rows, per reward_hash (Q1); always max(snapshot) of the hash in gold_table (design D4).
CREATE TABLE watermarks (
    reward_hash   text PRIMARY KEY,
    last_snapshot date NOT NULL
);

CREATE TABLE gold_windows (
    run_id         bigint NOT NULL REFERENCES runs,
    reward_hash    text NOT NULL,
    first_snapshot date NOT NULL,
    last_snapshot  date NOT NULL CHECK (last_snapshot >= first_snapshot),
    gold_rows      bigint NOT NULL CHECK (gold_rows > 0),
    PRIMARY KEY (reward_hash, first_snapshot)
);

CREATE TABLE gold_table (
    earner      text NOT NULL,
    snapshot    date NOT NULL,
    reward_hash text NOT NULL,
    token       text NOT NULL,
    amount      numeric NOT NULL
) PARTITION BY RANGE (snapshot);

-- One partition per month. Attached rather than created in place, so that readers of other partitions are not blocked.
CREATE FUNCTION ensure_gold_partitions(first_snapshot date, last_snapshot date)
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

-- spec/00 §5, for readers of the reference's table.
CREATE VIEW generated_rewards_snapshots AS
SELECT id::integer AS id, to_char(cutoff, 'YYYY-MM-DD') AS snapshot_date, status, started_at AS created_at,
       finished_at AS updated_at
FROM runs;

-- down
DROP VIEW generated_rewards_snapshots;
DROP FUNCTION ensure_gold_partitions;
DROP TABLE gold_table, gold_windows, watermarks, runs;
