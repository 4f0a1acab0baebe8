-- Purpose: the parameters of a run, for the statements that COPY (which take none). Dropped at commit; made anew for each
-- unit, also when several are computed in one transaction. Parameters: none. Locks: none beyond its own temp tables.
CREATE TEMP TABLE IF NOT EXISTS run_input (
    cutoff date NOT NULL, chain text NOT NULL, avs_directory text NOT NULL, resumed_run bigint
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS refresh_window (
    since timestamp NOT NULL, before timestamp NOT NULL, touched_only boolean NOT NULL,
    first_block bigint NOT NULL, last_block bigint NOT NULL
) ON COMMIT DROP;
DELETE FROM pg_temp.run_input;
DELETE FROM pg_temp.refresh_window
