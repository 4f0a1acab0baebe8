-- Purpose: what the plan needs, for the statements that read state (design D2). Dropped at commit.
-- Parameters: none. Locks: none beyond its own temp tables.
CREATE TEMP TABLE plan_strategies (
    strategy text PRIMARY KEY, every_holder boolean NOT NULL,
    first_snapshot date NOT NULL, last_snapshot date NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE plan_avss (avs text PRIMARY KEY, first_snapshot date NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE plan_sets (
    avs text NOT NULL, operator_set_id bigint NOT NULL, first_snapshot date NOT NULL, last_snapshot date NOT NULL,
    PRIMARY KEY (avs, operator_set_id)
) ON COMMIT DROP;
CREATE TEMP TABLE plan_every_operator (first_snapshot date NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE plan_days (first_snapshot date NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE plan_operators (operator text PRIMARY KEY) ON COMMIT DROP;
CREATE TEMP TABLE plan_stakers (staker text PRIMARY KEY) ON COMMIT DROP
