-- Purpose: what the plan needs, for the statements that read state (design D2). Dropped at commit; emptied for each
-- unit, also when several are computed in one transaction.
-- Parameters: none. Locks: none beyond its own temp tables.
CREATE TEMP TABLE IF NOT EXISTS plan_strategies (
    strategy text PRIMARY KEY, id bigint NOT NULL, every_holder boolean NOT NULL,
    first_snapshot date NOT NULL, last_snapshot date NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS plan_avss (avs text PRIMARY KEY, first_snapshot date NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS plan_sets (
    avs text NOT NULL, operator_set_id bigint NOT NULL, first_snapshot date NOT NULL, last_snapshot date NOT NULL,
    PRIMARY KEY (avs, operator_set_id)
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS plan_every_operator (first_snapshot date NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS plan_days (first_snapshot date NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS plan_operators (operator text PRIMARY KEY) ON COMMIT DROP;
DELETE FROM pg_temp.plan_strategies;
DELETE FROM pg_temp.plan_avss;
DELETE FROM pg_temp.plan_sets;
DELETE FROM pg_temp.plan_every_operator;
DELETE FROM pg_temp.plan_days;
DELETE FROM pg_temp.plan_operators
