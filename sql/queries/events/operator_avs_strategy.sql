-- Purpose: days on which an AVS was sampled to say that an operator restakes a strategy (spec/02 §5, Q14: no cutoff), a row a
-- sample, in any case, of any directory. Placeholders (COPY takes no parameters): {since} the first day, {first_block} a block below
-- which there is no sample of that day or a later one. Columns: operator, avs, strategy, avs_directory_address, day. Order: none.
-- Locks: none.
COPY (
    SELECT e.operator, e.avs, e.strategy, e.avs_directory_address, e.block_time::date AS day
    FROM operator_restaked_strategies e
    WHERE e.block_number >= {first_block} AND e.block_time >= '{since}'::timestamp
) TO STDOUT (FORMAT binary)
