-- Purpose: drops the temp tables of a run, so that another can follow in the same transaction. Parameters: none.
DROP TABLE pg_temp.run_input, pg_temp.refresh_window, pg_temp.plan_strategies, pg_temp.plan_avss, pg_temp.plan_sets, pg_temp.plan_every_operator,
           pg_temp.plan_days, pg_temp.plan_operators, pg_temp.plan_stakers
