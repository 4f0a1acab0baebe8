-- Purpose: the watermarks and the quarantine as a run found them, under names that hide the live ones from the statements that
-- plan, until unshadow.sql. Parameters: none. Locks: none beyond its own temp tables.
CREATE TEMP TABLE watermarks (reward_hash text PRIMARY KEY, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE quarantine (reward_hash text PRIMARY KEY) ON COMMIT DROP
