-- Purpose: staker_share_deltas, staker_delegation_changes and operator_share_deltas. What happened before first_day is summed
-- up in its first blocks (slots 1 to 100). Log indexes end in 0 for stakers' shares, 1 and 2 for delegations, 3 for operators'
-- shares, so that they are unique in a block. Parameters: draft.params.
CREATE TABLE draft.staker_deltas AS
SELECT e.staker, e.strategy, sum(e.shares) AS shares, draft.block(p.first_day, 1 + draft.draw('begins ' || e.staker, 50)) AS block
FROM draft.params p, draft.share_events e WHERE e.day < p.first_day GROUP BY p.first_day, e.staker, e.strategy
UNION ALL
SELECT e.staker, e.strategy, e.shares, draft.block(e.day, e.slot)
FROM draft.params p, draft.share_events e WHERE e.day >= p.first_day;

INSERT INTO staker_share_deltas (staker, strategy, shares, strategy_index, transaction_hash, log_index, block_time, block_date,
                                 block_number)
SELECT s.address, t.address, d.shares, 0, draft.hash(format('shares %s %s', d.block, s.staker)),
       row_number() OVER (PARTITION BY d.block ORDER BY d.staker, d.strategy) * 10, draft.block_time(d.block),
       to_char(draft.block_time(d.block), 'YYYY-MM-DD'), d.block
FROM draft.staker_deltas d JOIN draft.stakers s USING (staker) JOIN draft.strategies t USING (strategy);

CREATE TABLE draft.moves AS
SELECT DISTINCT ON (e.staker) e.staker, e.operator, NULL::bigint AS old_operator,
       draft.block(p.first_day, 51 + draft.draw('delegates ' || e.staker, 50)) AS block
FROM draft.params p, draft.delegation_events e WHERE e.day < p.first_day
ORDER BY e.staker, e.day DESC;
INSERT INTO draft.moves
SELECT e.staker, e.operator, e.old_operator, draft.block(e.day, e.slot)
FROM draft.params p, draft.delegation_events e WHERE e.day >= p.first_day;
CREATE INDEX ON draft.moves (staker, block);
ANALYZE draft.moves;

-- One transaction undelegates and delegates.
INSERT INTO staker_delegation_changes (staker, operator, delegated, block_number, log_index, transaction_hash)
SELECT s.address, o.address, m.delegated, m.block,
       rank() OVER (PARTITION BY m.block ORDER BY m.staker) * 10 + CASE WHEN m.delegated THEN 2 ELSE 1 END,
       draft.hash(format('move %s %s', m.block, m.staker))
FROM (
    SELECT staker, operator, true AS delegated, block FROM draft.moves
    UNION ALL SELECT staker, old_operator, false, block FROM draft.moves WHERE old_operator IS NOT NULL
) m
JOIN draft.stakers s USING (staker) JOIN draft.operators o USING (operator);

-- A delegated staker's change goes to the operator at that time; a staker who moves takes everything along.
INSERT INTO operator_share_deltas (operator, strategy, shares, staker, transaction_hash, log_index, block_time, block_date,
                                   block_number)
SELECT o.address, t.address, c.shares, s.address, draft.hash(format('operator %s %s', c.block, c.staker)),
       row_number() OVER (PARTITION BY c.block ORDER BY c.staker, c.strategy, c.shares) * 10 + 3, draft.block_time(c.block),
       to_char(draft.block_time(c.block), 'YYYY-MM-DD'), c.block
FROM (
    SELECT d.staker, d.strategy, d.shares, d.block,
           (SELECT m.operator FROM draft.moves m WHERE m.staker = d.staker AND m.block < d.block ORDER BY m.block DESC LIMIT 1)
               AS operator
    FROM draft.staker_deltas d
    UNION ALL
    SELECT m.staker, d.strategy, side.sign * sum(d.shares), m.block, side.operator
    FROM draft.moves m
    JOIN draft.staker_deltas d ON d.staker = m.staker AND d.block <= m.block
    CROSS JOIN LATERAL (VALUES (1, m.operator), (-1, m.old_operator)) AS side (sign, operator)
    GROUP BY m.staker, d.strategy, m.block, side.sign, side.operator
) c
JOIN draft.operators o USING (operator) JOIN draft.stakers s USING (staker) JOIN draft.strategies t USING (strategy)
WHERE c.shares <> 0;
