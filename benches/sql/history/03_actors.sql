-- Purpose: who there is and who has to do with whom. Parameters: draft.params.
CREATE TABLE draft.operators AS
SELECT n AS operator, draft.address('operator ' || n) AS address FROM draft.params p, generate_series(1, p.operators) n;

-- A tenth of the operators stake themselves. One staker in 2000 begins on a day; whoever does not begin in the calendar has been
-- there before.
CREATE TABLE draft.stakers AS
SELECT n AS staker, coalesce(o.address, draft.address('staker ' || n)) AS address, o.operator AS itself,
       o.operator IS NOT NULL OR draft.draw('is delegated ' || n, 100) >= 5 AS is_delegated,
       coalesce(CASE WHEN o.operator IS NULL THEN draft.some_day('begins on ' || n, p.calendar_start, p.last_day, 2000) END,
                p.calendar_start - 1) AS begins
FROM draft.params p
CROSS JOIN generate_series(1, p.stakers) n
LEFT JOIN draft.operators o ON o.operator = n AND n <= greatest(1, p.operators / 10);

-- Early on, a few stakers of all_earners were left out.
INSERT INTO excluded_addresses (address, network, description)
SELECT s.address, 'mainnet', 'bench' FROM draft.stakers s WHERE s.itself IS NULL ORDER BY s.staker LIMIT 20;

CREATE TABLE draft.avss AS
SELECT n AS avs, draft.address('avs ' || n) AS address FROM draft.params p, generate_series(1, p.avss) n;

-- The first one is native ETH.
CREATE TABLE draft.strategies AS
SELECT n AS strategy,
       CASE n WHEN 1 THEN '0xbeac0eeeeeeeeeeeeeeeeeeeeeeeeeeeeeebeac0' ELSE draft.address('strategy ' || n) END AS address
FROM draft.params p, generate_series(1, p.strategies) n;

-- Every AVS has two operator sets.
CREATE TABLE draft.sets AS SELECT a.avs, s AS set FROM draft.avss a, generate_series(1, 2) s;

-- A staker holds one to three strategies, most often the first ones.
CREATE TABLE draft.staker_strategies AS
SELECT DISTINCT s.staker, 1 + draft.zipf(format('holds %s %s', s.staker, n), p.strategies) AS strategy
FROM draft.params p, draft.stakers s, generate_series(1, 3) n
WHERE n <= CASE WHEN draft.draw('holds how many ' || s.staker, 10) < 7 THEN 1 ELSE 3 END;

CREATE TABLE draft.avs_strategies AS
SELECT DISTINCT a.avs, 1 + draft.draw(format('avs strategy %s %s', a.avs, n), p.strategies) AS strategy
FROM draft.params p, draft.avss a, generate_series(1, 4) n;

-- A fifth of the operators is registered nowhere, most with one to three AVSs, one in twenty with up to sixteen; half of the
-- registrations are older than any calendar.
CREATE TABLE draft.operator_avss AS
SELECT r.operator, r.avs,
       coalesce(draft.some_day(format('registers %s %s', r.operator, r.avs), p.calendar_start, p.last_day, 2000),
                p.calendar_start - 1) AS since
FROM draft.params p
CROSS JOIN (
    SELECT DISTINCT o.operator, 1 + draft.zipf(format('registered %s %s', o.operator, n), p.avss) AS avs
    FROM draft.params p, draft.operators o, generate_series(1, 16) n
    WHERE n <= CASE WHEN draft.draw('is everywhere ' || o.operator, 20) = 0 THEN 16
                    ELSE (draft.draw('registers where ' || o.operator, 5) + 1) / 2 + draft.draw('one more ' || o.operator, 2) END
) r;

-- Half of those are in one of the AVS's operator sets, since there are sets.
CREATE TABLE draft.operator_sets AS
SELECT r.operator, r.avs, 1 + draft.draw(format('which set %s %s', r.operator, r.avs), 2) AS set,
       greatest(r.since, f.since + draft.draw(format('in set since %s %s', r.operator, r.avs), 100)::integer) AS since
FROM draft.params p, draft.forks f, draft.operator_avss r
WHERE f.kind = 'od_set' AND draft.draw(format('in a set %s %s', r.operator, r.avs), 2) = 0;
