-- Purpose: what the stakers do on the days from calendar_start on; what was there before is dated the day before. The calendar
-- does not depend on first_day: datasets that begin later tell the same story from the middle. Parameters: draft.params.

-- How often a staker changes shares: seven in ten never, one in twenty every other week, the others up to three times a year.
CREATE TABLE draft.changes AS
SELECT c.staker, c.n, c.strategies[1 + draft.draw(format('which %s %s', c.staker, c.n), cardinality(c.strategies))] AS strategy,
       -- Every other change is made on the Wednesday of its week.
       CASE WHEN draft.draw(format('on Wednesday %s %s', c.staker, c.n), 2) = 0
            THEN least(date_trunc('week', c.day)::date + 2, c.last_day) ELSE c.day END AS day
FROM (
    SELECT s.staker, s.begins, h.strategies, p.last_day, n,
           p.calendar_start + draft.draw(format('changes on %s %s', s.staker, n), p.last_day - p.calendar_start + 1)::integer
               AS day
    FROM draft.params p
    CROSS JOIN draft.stakers s
    JOIN (SELECT staker, array_agg(strategy ORDER BY strategy) AS strategies FROM draft.staker_strategies GROUP BY staker) h
        USING (staker)
    CROSS JOIN LATERAL (SELECT draft.draw('how often ' || s.staker, 100) AS often) o
    CROSS JOIN generate_series(1, ((CASE WHEN o.often < 70 THEN 0 WHEN o.often < 95 THEN 1 + o.often % 3 ELSE 26 END)
                                   * (p.last_day - p.calendar_start + 1)
                                   + draft.draw('rounds to ' || s.staker, 365)::integer) / 365) n
) c;

CREATE TABLE draft.share_events AS
SELECT s.staker, t.strategy, s.begins AS day,
       CASE WHEN s.begins < p.calendar_start THEN 0 ELSE 101 + draft.draw('first slot ' || s.staker, 3000) END AS slot,
       -- From a thousandth of an ETH to some thousands.
       ((1 + draft.draw(format('shares %s %s', s.staker, t.strategy), 999))::numeric
        * (1 << draft.draw('how rich ' || s.staker, 13)::integer) * 1000000000000000
        + draft.draw(format('wei %s %s', s.staker, t.strategy), 1000000007))::numeric AS shares
FROM draft.params p, draft.stakers s JOIN draft.staker_strategies t USING (staker)
UNION ALL
-- What is withdrawn is at most a thousandth of what was there.
SELECT c.staker, c.strategy, c.day, 3201 + draft.draw(format('slot %s %s', c.staker, c.n), 3800),
       (CASE draft.draw(format('sign %s %s', c.staker, c.n), 3)
            WHEN 0 THEN -1 - draft.draw(format('withdraws %s %s', c.staker, c.n), 9999999967)
            ELSE 1 + draft.draw(format('deposits %s %s', c.staker, c.n), 99999999999999997) END)::numeric
FROM draft.changes c JOIN draft.stakers s USING (staker) WHERE c.day > s.begins;

-- One holding in 6000 is withdrawn whole on a day and stays at zero; of native ETH, one in ten falls below zero.
CREATE TABLE draft.exits AS
SELECT t.staker, t.strategy, draft.some_day(format('exits %s %s', t.staker, t.strategy), p.calendar_start, p.last_day, 6000) AS day,
       CASE WHEN t.strategy = 1 AND draft.draw('falls below zero ' || t.staker, 10) = 0 THEN 2 ELSE 1 END AS times
FROM draft.params p, draft.stakers s JOIN draft.staker_strategies t USING (staker) WHERE s.itself IS NULL;
DELETE FROM draft.exits x USING draft.stakers s WHERE s.staker = x.staker AND (x.day IS NULL OR x.day <= s.begins);
DELETE FROM draft.share_events e USING draft.exits x
WHERE x.staker = e.staker AND x.strategy = e.strategy AND e.day > x.day;
INSERT INTO draft.share_events
SELECT x.staker, x.strategy, x.day, 7100, -x.times * sum(e.shares)
FROM draft.exits x JOIN draft.share_events e USING (staker, strategy) GROUP BY x.staker, x.strategy, x.day, x.times;

-- Few operators have most stakers. One staker in 2500 goes to another operator on a day.
CREATE TABLE draft.delegation_events AS
SELECT c.*, lag(c.operator) OVER (PARTITION BY c.staker ORDER BY c.day) AS old_operator
FROM (
    SELECT s.staker, s.begins AS day,
           CASE WHEN s.begins < p.calendar_start THEN 0 ELSE 3110 + draft.draw('delegates at ' || s.staker, 90) END AS slot,
           coalesce(s.itself, 1 + draft.zipf('delegates to ' || s.staker, p.operators)) AS operator
    FROM draft.params p, draft.stakers s WHERE s.is_delegated
    UNION ALL
    (SELECT DISTINCT ON (m.staker, m.day) m.*
    FROM (
        SELECT s.staker, draft.some_day(format('moves %s %s', s.staker, n), p.calendar_start, p.last_day, 5000) AS day,
               3201 + draft.draw(format('move slot %s %s', s.staker, n), 3800) AS slot,
               1 + draft.zipf(format('moves to %s %s', s.staker, n), p.operators) AS operator
        FROM draft.params p, draft.stakers s, generate_series(1, 2) n WHERE s.is_delegated AND s.itself IS NULL
    ) m
    JOIN draft.stakers s USING (staker)
    WHERE m.day > s.begins
    ORDER BY m.staker, m.day, m.slot, m.operator)
) c;
DELETE FROM draft.delegation_events WHERE operator = old_operator;
ANALYZE draft.share_events, draft.delegation_events, draft.stakers;
