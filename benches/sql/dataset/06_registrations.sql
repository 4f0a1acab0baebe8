-- Purpose: registrations, operator sets, allocations and splits. Log indexes begin at 100000 and differ by kind, so that they
-- are unique in a block. Parameters: draft.params.

-- An operator leaves an AVS about once in five years, for two days.
INSERT INTO avs_operator_state_changes (operator, avs, registered, block_number, log_index, transaction_hash)
SELECT o.address, a.address, e.registered, e.block, 100000 + e.operator * 100 + e.avs,
       draft.hash(format('registration %s %s %s', e.block, e.operator, e.avs))
FROM (
    SELECT r.operator, r.avs, true AS registered, draft.block(p.first_day, 20) AS block
    FROM draft.params p, draft.operator_avss r
    UNION ALL
    SELECT r.operator, r.avs, change.registered, draft.block(d.day::date + change.later, 3000 + r.operator)
    FROM draft.params p
    CROSS JOIN generate_series(p.first_day + 1, p.last_day - 2, interval '1 day') d (day)
    CROSS JOIN draft.operator_avss r
    CROSS JOIN (VALUES (false, 0), (true, 2)) AS change (registered, later)
    WHERE draft.draw(format('leaves %s %s %s', r.operator, r.avs, d.day::date), 2000) = 0
) e
JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs);

INSERT INTO operator_sets (operator_set_id, avs, block_number, transaction_hash, log_index)
SELECT s.set, a.address, draft.block(p.first_day, 10), draft.hash(format('set %s %s', s.avs, s.set)), 200000 + s.avs * 10 + s.set
FROM draft.params p, draft.sets s JOIN draft.avss a USING (avs);

INSERT INTO operator_set_strategy_registrations (strategy, avs, operator_set_id, is_active, block_number, transaction_hash,
                                                 log_index)
SELECT t.address, a.address, s.set, true, draft.block(p.first_day, 11),
       draft.hash(format('set strategy %s %s %s', s.avs, s.set, t.strategy)), 300000 + (s.avs * 10 + s.set) * 100 + t.strategy
FROM draft.params p, draft.sets s
JOIN draft.avss a USING (avs) JOIN draft.avs_strategies USING (avs) JOIN draft.strategies t USING (strategy);

INSERT INTO operator_set_operator_registrations (operator, avs, operator_set_id, is_active, block_number, transaction_hash,
                                                 log_index)
SELECT o.address, a.address, r.set, true, draft.block(p.first_day, 21),
       draft.hash(format('in set %s %s %s', r.operator, r.avs, r.set)), 400000 + r.operator * 1000 + r.avs * 10 + r.set
FROM draft.params p, draft.operator_sets r JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs);

-- An operator gives a set another magnitude of a strategy about once a year.
INSERT INTO operator_allocations (operator, strategy, magnitude, effective_block, operator_set_id, avs, block_number,
                                  transaction_hash, log_index)
SELECT o.address, t.address, (1 + draft.draw(format('magnitude %s %s %s %s %s', e.operator, e.avs, e.set, e.strategy, e.chosen), 60))
       * 1000000000000000, e.block + 1800, e.set, a.address, e.block,
       draft.hash(format('allocation %s %s %s %s %s', e.block, e.operator, e.avs, e.set, e.strategy)),
       1000000 + e.operator * 10000 + (e.avs * 10 + e.set) * 10 + e.strategy
FROM (
    SELECT r.operator, r.avs, r.set, t.strategy, draft.block(p.first_day, 22) AS block,
           max(d.day::date) AS chosen
    FROM draft.params p
    CROSS JOIN draft.operator_sets r JOIN draft.avs_strategies t USING (avs)
    LEFT JOIN generate_series(p.calendar_start, p.first_day - 1, interval '1 day') d (day)
        ON draft.draw(format('allocates %s %s %s %s %s', r.operator, r.avs, r.set, t.strategy, d.day::date), 365) = 0
    GROUP BY p.first_day, r.operator, r.avs, r.set, t.strategy
    UNION ALL
    SELECT r.operator, r.avs, r.set, t.strategy, draft.block(d.day::date, 4000 + r.operator), d.day::date
    FROM draft.params p
    CROSS JOIN generate_series(p.first_day, p.last_day, interval '1 day') d (day)
    CROSS JOIN draft.operator_sets r JOIN draft.avs_strategies t USING (avs)
    WHERE draft.draw(format('allocates %s %s %s %s %s', r.operator, r.avs, r.set, t.strategy, d.day::date), 365) = 0
) e
JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs) JOIN draft.strategies t USING (strategy);

-- A fifth of the operators was slashed once.
INSERT INTO operator_max_magnitudes (operator, strategy, max_magnitude, block_number, transaction_hash, log_index)
SELECT o.address, t.address, 900000000000000000, draft.block(p.first_day, 23), draft.hash('slash ' || o.operator),
       500000 + o.operator
FROM draft.params p, draft.operators o JOIN draft.strategies t ON t.strategy = 1
WHERE draft.draw('slashed ' || o.operator, 5) = 0;

INSERT INTO default_operator_splits (old_default_operator_split_bips, new_default_operator_split_bips, block_number,
                                     transaction_hash, log_index)
SELECT 1000, 1200, draft.block(p.first_day, 24), draft.hash('default split'), 600000 FROM draft.params p;

INSERT INTO operator_avs_splits (operator, avs, activated_at, old_operator_avs_split_bips, new_operator_avs_split_bips,
                                 block_number, transaction_hash, log_index)
SELECT o.address, a.address, draft.block_time(draft.block(p.first_day, 25)), 1000,
       draft.draw(format('split %s %s', o.operator, a.avs), 3001), draft.block(p.first_day, 25),
       draft.hash(format('split %s %s', o.operator, a.avs)), 600000 + o.operator * 100 + a.avs
FROM draft.params p, draft.operator_avss r JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs)
WHERE draft.draw(format('has a split %s %s', o.operator, a.avs), 3) = 0;

INSERT INTO operator_pi_splits (operator, activated_at, old_operator_pi_split_bips, new_operator_pi_split_bips, block_number,
                                transaction_hash, log_index)
SELECT o.address, draft.block_time(draft.block(p.first_day, 26)), 1000, draft.draw('pi split ' || o.operator, 3001),
       draft.block(p.first_day, 26), draft.hash('pi split ' || o.operator), 700000 + o.operator
FROM draft.params p, draft.operators o WHERE draft.draw('has a pi split ' || o.operator, 3) = 0;

INSERT INTO operator_set_splits (operator, avs, operator_set_id, activated_at, old_operator_set_split_bips,
                                 new_operator_set_split_bips, block_number, transaction_hash, log_index)
SELECT o.address, a.address, r.set, draft.block_time(draft.block(p.first_day, 27)), 1000,
       draft.draw(format('set split %s %s %s', o.operator, a.avs, r.set), 3001), draft.block(p.first_day, 27),
       draft.hash(format('set split %s %s %s', o.operator, a.avs, r.set)), 800000 + o.operator * 1000 + a.avs * 10 + r.set
FROM draft.params p, draft.operator_sets r JOIN draft.operators o USING (operator) JOIN draft.avss a USING (avs)
WHERE draft.draw(format('has a set split %s %s %s', o.operator, a.avs, r.set), 3) = 0;
