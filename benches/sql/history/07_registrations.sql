-- Purpose: registrations, operator sets, allocations and splits. Log indexes begin at another million for each kind, so that they
-- are unique in a block. What was before first_day is in its first blocks. Parameters: draft.params.

-- An operator leaves an AVS about once in five years, for two days.
INSERT INTO avs_operator_state_changes (operator, avs, registered, block_number, log_index, transaction_hash)
SELECT o.address, a.address, e.registered, e.block,
       1000000 + row_number() OVER (PARTITION BY e.block ORDER BY e.operator, e.avs, e.registered),
       draft.hash(format('registration %s %s %s', e.block, e.operator, e.avs))
FROM (
    SELECT r.operator, r.avs, true AS registered,
           CASE WHEN r.since < p.first_day THEN draft.block(p.first_day, 20) ELSE draft.block(r.since, 2000 + r.operator) END AS block
    FROM draft.params p, draft.operator_avss r
    UNION ALL
    SELECT r.operator, r.avs, change.registered, draft.block(r.leaves + change.later, 4000 + r.operator)
    FROM draft.params p
    CROSS JOIN (SELECT r.*, draft.some_day(format('leaves %s %s', r.operator, r.avs), p.calendar_start, p.last_day, 2000) AS leaves
                FROM draft.params p, draft.operator_avss r) r
    CROSS JOIN (VALUES (false, 0), (true, 2)) AS change (registered, later)
    WHERE r.leaves > r.since AND r.leaves BETWEEN p.first_day + 1 AND p.last_day - 2
) e
JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs);

-- Sets are made on the day of their fork, or on the first day.
CREATE TABLE draft.sets_since AS
SELECT greatest(p.first_day, f.since) AS day FROM draft.params p, draft.forks f WHERE f.kind = 'od_set';

INSERT INTO operator_sets (operator_set_id, avs, block_number, transaction_hash, log_index)
SELECT s.set, a.address, draft.block(d.day, 10), draft.hash(format('set %s %s', s.avs, s.set)), 2000000 + s.avs * 10 + s.set
FROM draft.sets_since d, draft.sets s JOIN draft.avss a USING (avs);

INSERT INTO operator_set_strategy_registrations (strategy, avs, operator_set_id, is_active, block_number, transaction_hash,
                                                 log_index)
SELECT t.address, a.address, s.set, true, draft.block(d.day, 11),
       draft.hash(format('set strategy %s %s %s', s.avs, s.set, t.strategy)),
       3000000 + row_number() OVER (ORDER BY s.avs, s.set, t.strategy)
FROM draft.sets_since d, draft.sets s
JOIN draft.avss a USING (avs) JOIN draft.avs_strategies USING (avs) JOIN draft.strategies t USING (strategy);

CREATE TABLE draft.members AS
SELECT r.*, CASE WHEN r.since < d.day THEN draft.block(d.day, 21) ELSE draft.block(r.since, 2000 + r.operator) END AS block
FROM draft.params p, draft.sets_since d, draft.operator_sets r WHERE r.since <= p.last_day;

INSERT INTO operator_set_operator_registrations (operator, avs, operator_set_id, is_active, block_number, transaction_hash,
                                                 log_index)
SELECT o.address, a.address, m.set, true, m.block, draft.hash(format('in set %s %s %s', m.operator, m.avs, m.set)),
       4000000 + row_number() OVER (PARTITION BY m.block ORDER BY m.operator, m.avs, m.set)
FROM draft.members m JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs);

-- A member of a set gives it another magnitude of a strategy once in a thousand days.
CREATE TABLE draft.magnitudes AS
SELECT m.operator, m.avs, m.set, t.strategy, m.block AS joined,
       draft.some_day(format('allocates %s %s %s %s', m.operator, m.avs, m.set, t.strategy), p.calendar_start, p.last_day, 1000)
           AS day
FROM draft.params p, draft.members m JOIN draft.avs_strategies t USING (avs);

INSERT INTO operator_allocations (operator, strategy, magnitude, effective_block, operator_set_id, avs, block_number,
                                  transaction_hash, log_index)
SELECT o.address, t.address,
       (1 + draft.draw(format('magnitude %s %s %s %s %s', e.operator, e.avs, e.set, e.strategy, e.n), 60)) * 1000000000000000,
       e.block + 1800, e.set, a.address, e.block,
       draft.hash(format('allocation %s %s %s %s %s', e.block, e.operator, e.avs, e.set, e.strategy)),
       5000000 + row_number() OVER (PARTITION BY e.block ORDER BY e.operator, e.avs, e.set, e.strategy)
FROM (
    SELECT m.operator, m.avs, m.set, m.strategy, m.joined + 1 AS block, CASE WHEN m.day < p.first_day THEN 1 ELSE 0 END AS n
    FROM draft.params p, draft.magnitudes m
    UNION ALL
    SELECT m.operator, m.avs, m.set, m.strategy, draft.block(m.day, 3000 + m.operator), 1
    FROM draft.params p, draft.magnitudes m
    WHERE m.day >= p.first_day AND draft.block(m.day, 0) > m.joined
) e
JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs) JOIN draft.strategies t USING (strategy);

-- A fifth of the operators was slashed once.
INSERT INTO operator_max_magnitudes (operator, strategy, max_magnitude, block_number, transaction_hash, log_index)
SELECT o.address, t.address, 900000000000000000, draft.block(p.first_day, 23), draft.hash('slash ' || o.operator),
       6000000 + o.operator
FROM draft.params p, draft.operators o JOIN draft.strategies t ON t.strategy = 1
WHERE draft.draw('slashed ' || o.operator, 5) = 0;

INSERT INTO default_operator_splits (old_default_operator_split_bips, new_default_operator_split_bips, block_number,
                                     transaction_hash, log_index)
SELECT 1000, 1200, draft.block(p.first_day, 24), draft.hash('default split'), 7000000 FROM draft.params p;

INSERT INTO operator_avs_splits (operator, avs, activated_at, old_operator_avs_split_bips, new_operator_avs_split_bips,
                                 block_number, transaction_hash, log_index)
SELECT o.address, a.address, draft.block_time(draft.block(p.first_day, 25)), 1000,
       draft.draw(format('split %s %s', o.operator, a.avs), 3001), draft.block(p.first_day, 25),
       draft.hash(format('split %s %s', o.operator, a.avs)), 7000000 + row_number() OVER (ORDER BY o.operator, a.avs)
FROM draft.params p, draft.operator_avss r JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs)
WHERE draft.draw(format('has a split %s %s', o.operator, a.avs), 3) = 0;

INSERT INTO operator_pi_splits (operator, activated_at, old_operator_pi_split_bips, new_operator_pi_split_bips, block_number,
                                transaction_hash, log_index)
SELECT o.address, draft.block_time(draft.block(p.first_day, 26)), 1000, draft.draw('pi split ' || o.operator, 3001),
       draft.block(p.first_day, 26), draft.hash('pi split ' || o.operator), 7000000 + o.operator
FROM draft.params p, draft.operators o WHERE draft.draw('has a pi split ' || o.operator, 3) = 0;

INSERT INTO operator_set_splits (operator, avs, operator_set_id, activated_at, old_operator_set_split_bips,
                                 new_operator_set_split_bips, block_number, transaction_hash, log_index)
SELECT o.address, a.address, m.set, draft.block_time(m.block + 2), 1000,
       draft.draw(format('set split %s %s %s', o.operator, a.avs, m.set), 3001), m.block + 2,
       draft.hash(format('set split %s %s %s', o.operator, a.avs, m.set)),
       7000000 + row_number() OVER (PARTITION BY m.block ORDER BY o.operator, a.avs, m.set)
FROM draft.members m JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs)
WHERE draft.draw(format('has a set split %s %s %s', o.operator, a.avs, m.set), 3) = 0;
