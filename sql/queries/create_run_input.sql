-- Purpose: the parameters of a run, for the statements that COPY (which take none). Dropped at commit.
-- Parameters: none. Locks: none beyond its own temp tables.
CREATE TEMP TABLE run_input (cutoff date NOT NULL, chain text NOT NULL, avs_directory text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE refresh_window (since timestamp NOT NULL, before timestamp NOT NULL) ON COMMIT DROP
