-- Purpose: the tables that are written day range by day range, as functions of the range, in the order of blocks: nothing of
-- them is kept. Parameters: draft.params.
CREATE FUNCTION draft.stream_blocks(first date, last date) RETURNS SETOF blocks LANGUAGE sql STABLE AS $$
    SELECT n, draft.hash('block ' || n), draft.hash('block ' || n - 1), draft.block_time(n), NULL::timestamp, NULL::timestamp,
           NULL::timestamp
    FROM generate_series(draft.block(first, 0), draft.block(last, 7199)) n
    ORDER BY n
$$;

-- Samples of restaked strategies, every 3600 blocks, of the AVSs of the old kind: one in four, without the largest one.
-- Strategies are in mixed case, as in the indexer's table. The directory is mainnet's.
CREATE FUNCTION draft.stream_operator_restaked_strategies(first date, last date) RETURNS SETOF operator_restaked_strategies
LANGUAGE sql STABLE AS $$
    SELECT b.block, o.address, a.address, '0x' || upper(substr(t.address, 3, 20)) || substr(t.address, 23),
           draft.block_time(b.block), '0x135dda560e946695d6f155dacafc6f1f25c1f5af', NULL::timestamp, NULL::timestamp,
           NULL::timestamp
    FROM generate_series(first, last, interval '1 day') d (day)
    CROSS JOIN LATERAL (VALUES (draft.block(d.day::date, 0)), (draft.block(d.day::date, 3600))) AS b (block)
    JOIN draft.operator_avss r ON r.since < d.day AND r.avs % 4 = 2
    JOIN draft.avs_strategies s USING (avs)
    JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs) JOIN draft.strategies t USING (strategy)
    ORDER BY b.block, o.operator, a.avs, t.strategy
$$;
