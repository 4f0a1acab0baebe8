-- Purpose: cumulative amounts per earner and token, kept up to date as runs append rows, so that a root for the newest snapshot
-- needs no scan of the history (spec/05 §1). Search path: paydirt's schema, then the source schema.
--
-- gold_balances is only appended to: a balance is the sum of its rows. So nothing is updated in place, undoing a run appends what
-- it takes away, and there is no index to maintain. Now and then the rows are replaced by their sums.
-- gold_balanced_runs says whose gold rows are included; a run that is not in there is summed by whoever reads. Runs from before this
-- migration are not: the next run includes them.

-- up
-- Numbers of tokens. Entries are never changed or deleted.
CREATE TABLE gold_tokens (
    id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text NOT NULL UNIQUE
);

CREATE TABLE gold_balances (
    earner    integer NOT NULL,
    token     integer NOT NULL,
    gold_rows bigint NOT NULL,
    amount    numeric NOT NULL
);
COMMENT ON TABLE gold_balances IS 'Σ amount and number of gold rows per earner and token, to be summed up. A pair whose gold_rows add up to 0 is none.';

CREATE TABLE gold_balanced_runs (
    run_id bigint PRIMARY KEY REFERENCES runs
);

-- When it is time to replace rows by their sums: how many there were after the last time, and how many came since.
CREATE TABLE gold_balances_size (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    compacted bigint NOT NULL DEFAULT 0,
    appended  bigint NOT NULL DEFAULT 0
);
INSERT INTO gold_balances_size DEFAULT VALUES;

-- As in 0005; takes a run's rows out of the balances before they go.
CREATE OR REPLACE FUNCTION remove_run(removed_run bigint, OUT gold_rows bigint, OUT rewards bigint)
LANGUAGE plpgsql AS $$
DECLARE
    first_day date;
    last_day  date;
    taken     bigint;
BEGIN
    SELECT min(w.first_snapshot), max(w.last_snapshot), count(*) INTO first_day, last_day, rewards
    FROM gold_windows w WHERE w.run_id = removed_run;
    DELETE FROM gold_balanced_runs b WHERE b.run_id = removed_run;
    IF FOUND THEN
        -- Literal days, so that only the partitions of those days are looked at.
        EXECUTE format('INSERT INTO gold_balances (earner, token, gold_rows, amount) '
                       'SELECT g.earner, t.id, -count(*), -sum(g.amount) FROM gold_rows g '
                       'JOIN gold_rewards r ON r.id = g.reward JOIN gold_tokens t ON t.token = r.token '
                       'WHERE g.run_id = $1 AND g.snapshot BETWEEN %L AND %L GROUP BY g.earner, t.id', first_day, last_day)
        USING removed_run;
        GET DIAGNOSTICS taken = ROW_COUNT;
        UPDATE gold_balances_size s SET appended = s.appended + taken;
    END IF;
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
-- As in 0005.
CREATE OR REPLACE FUNCTION remove_run(removed_run bigint, OUT gold_rows bigint, OUT rewards bigint)
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
DROP TABLE gold_balances, gold_balanced_runs, gold_balances_size, gold_tokens;
