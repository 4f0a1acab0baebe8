-- Purpose: several workers on one run, and a lease that says whether its holder is alive. Search path: paydirt's schema, then
-- the source schema.

-- up
-- Renewed every few seconds through a second session. NULL: the holder has none; then only the end of its session counts.
ALTER TABLE lease ADD COLUMN heartbeat_at timestamptz;

-- Which rules computed a run; a run is not resumed under others. NULL: from before versions were kept.
ALTER TABLE runs ADD COLUMN rule_version integer;

-- How often the run was begun or resumed. Workers take units only of the attempt they have read state for: silver may be
-- another one in the next.
ALTER TABLE runs ADD COLUMN attempt integer NOT NULL DEFAULT 1;

ALTER TABLE units
    ADD COLUMN worker            text,
    ADD COLUMN retries           integer NOT NULL DEFAULT 0,
    ADD COLUMN lock_wait_seconds double precision,
    ADD COLUMN error             text;
COMMENT ON COLUMN units.worker IS 'Host and process that did it.';
COMMENT ON COLUMN units.lock_wait_seconds IS 'How long its session waited for locks of others, sampled. NULL: not watched.';
COMMENT ON COLUMN units.error IS 'Why the last attempt failed, also if a later one succeeded.';

-- down
ALTER TABLE units DROP COLUMN worker, DROP COLUMN retries, DROP COLUMN lock_wait_seconds, DROP COLUMN error;
ALTER TABLE runs DROP COLUMN rule_version, DROP COLUMN attempt;
ALTER TABLE lease DROP COLUMN heartbeat_at;
