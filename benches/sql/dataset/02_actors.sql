-- Purpose: who there is and who has to do with whom. Parameters: draft.params.
CREATE TABLE draft.stakers AS
SELECT n AS staker, draft.address('staker ' || n) AS address, draft.draw('is delegated ' || n, 100) >= 5 AS is_delegated
FROM draft.params p, generate_series(1, p.stakers) n;

CREATE TABLE draft.operators AS
SELECT n AS operator, draft.address('operator ' || n) AS address FROM draft.params p, generate_series(1, p.operators) n;

CREATE TABLE draft.avss AS
SELECT n AS avs, draft.address('avs ' || n) AS address FROM draft.params p, generate_series(1, p.avss) n;

-- The first one is native ETH.
CREATE TABLE draft.strategies AS
SELECT n AS strategy,
       CASE n WHEN 1 THEN '0xbeac0eeeeeeeeeeeeeeeeeeeeeeeeeeeeeebeac0' ELSE draft.address('strategy ' || n) END AS address
FROM draft.params p, generate_series(1, p.strategies) n;

-- Every AVS has two operator sets.
CREATE TABLE draft.sets AS SELECT a.avs, s AS set FROM draft.avss a, generate_series(1, 2) s;

-- A staker holds one to a few strategies.
CREATE TABLE draft.staker_strategies AS
SELECT s.staker, t.strategy
FROM draft.params p, draft.stakers s, draft.strategies t
WHERE t.strategy = 1 + draft.draw('main strategy ' || s.staker, p.strategies)
   OR draft.draw(format('holds %s %s', s.staker, t.strategy), 100) < 20;

CREATE TABLE draft.avs_strategies AS
SELECT a.avs, t.strategy
FROM draft.params p, draft.avss a, draft.strategies t
WHERE t.strategy = 1 + a.avs % p.strategies OR draft.draw(format('avs strategy %s %s', a.avs, t.strategy), 100) < 50;

CREATE TABLE draft.operator_avss AS
SELECT o.operator, a.avs FROM draft.operators o, draft.avss a
WHERE draft.draw(format('registered %s %s', o.operator, a.avs), 100) < 50;

CREATE TABLE draft.operator_sets AS
SELECT o.operator, s.avs, s.set FROM draft.operators o, draft.sets s
WHERE draft.draw(format('in set %s %s %s', o.operator, s.avs, s.set), 100) < 25;
