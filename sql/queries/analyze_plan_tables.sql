-- Purpose: statistics, so that the joins against the big tables use their indexes. Parameters: none.
ANALYZE plan_strategies; ANALYZE plan_avss; ANALYZE plan_sets; ANALYZE plan_operators; ANALYZE plan_days;
ANALYZE plan_every_operator; ANALYZE run_input
