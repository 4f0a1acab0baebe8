-- Purpose: days on which an AVS was sampled to say that an operator restakes a strategy (spec/02 §5, Q14: no cutoff).
-- Locks: none. Parameters: run_input. Columns: operator, avs, strategy, day. Order: all four.
COPY (
    SELECT DISTINCT lower(e.operator) AS operator, lower(e.avs) AS avs, lower(e.strategy) AS strategy,
           e.block_time::date AS day
    FROM operator_restaked_strategies e, run_input i
    WHERE lower(e.avs_directory_address) = i.avs_directory
    ORDER BY operator, avs, strategy, day
) TO STDOUT (FORMAT binary)
