-- Purpose: samples of restaked strategies, every 3600 blocks. Strategies are in mixed case, as in the indexer's table. The
-- directory is mainnet's. Parameters: draft.params.
INSERT INTO operator_restaked_strategies (block_number, operator, avs, strategy, block_time, avs_directory_address)
SELECT b.block, o.address, a.address, '0x' || upper(substr(t.address, 3, 20)) || substr(t.address, 23),
       draft.block_time(b.block), '0x135dda560e946695d6f155dacafc6f1f25c1f5af'
FROM draft.params p
CROSS JOIN generate_series(p.first_day, p.last_day, interval '1 day') d (day)
CROSS JOIN LATERAL (VALUES (draft.block(d.day::date, 0)), (draft.block(d.day::date, 3600))) AS b (block)
CROSS JOIN draft.operator_avss r
JOIN draft.avs_strategies s USING (avs)
JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs) JOIN draft.strategies t USING (strategy);
