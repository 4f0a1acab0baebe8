-- Purpose: what the stakers do, day by day from calendar_start; what was there before is dated the day before. The calendar
-- does not depend on first_day: datasets that begin later tell the same story from the middle. Parameters: draft.params.

-- About 1 % of the stakers change their shares on a day. What is withdrawn is at most a thousandth of what was there.
CREATE TABLE draft.share_events AS
SELECT s.staker, s.strategy, p.calendar_start - 1 AS day, 0::bigint AS slot,
       ((1 + draft.draw(format('shares %s %s', s.staker, s.strategy), 999983))::numeric * 1000000000000000
        + draft.draw(format('wei %s %s', s.staker, s.strategy), 1000000007))::numeric AS shares
FROM draft.params p, draft.staker_strategies s
UNION ALL
SELECT c.staker, c.strategy, c.day, 101 + draft.draw(format('slot %s %s', c.staker, c.day), 7099),
       (CASE draft.draw(format('sign %s %s', c.staker, c.day), 3) WHEN 0 THEN -1 ELSE 1 END
        * (1 + draft.draw(format('change %s %s', c.staker, c.day), 999999999989)))::numeric
FROM (
    SELECT DISTINCT ON (s.staker, d.day) s.staker, d.day::date AS day, s.strategy
    FROM draft.params p
    CROSS JOIN generate_series(p.calendar_start, p.last_day, interval '1 day') d (day)
    JOIN draft.staker_strategies s ON true
    WHERE draft.draw('changes ' || s.staker || ' ' || d.day::date, 100) = 0
    ORDER BY s.staker, d.day, draft.draw(format('which %s %s %s', s.staker, d.day::date, s.strategy), 1000003), s.strategy
) c;

-- Some operators are more popular than others. On a day one staker in 2000 goes to another operator.
CREATE TABLE draft.delegation_events AS
SELECT c.*, lag(c.operator) OVER (PARTITION BY c.staker ORDER BY c.day) AS old_operator
FROM (
    SELECT s.staker, p.calendar_start - 1 AS day, 0::bigint AS slot,
           1 + p.operators * draft.draw('popular ' || s.staker, 1000) * (300 + draft.draw('first ' || s.staker, 700)) / 1000000
               AS operator
    FROM draft.params p, draft.stakers s WHERE s.is_delegated
    UNION ALL
    SELECT s.staker, d.day::date, 101 + draft.draw(format('move slot %s %s', s.staker, d.day::date), 7099),
           1 + draft.draw(format('moves to %s %s', s.staker, d.day::date), p.operators)
    FROM draft.params p
    CROSS JOIN generate_series(p.calendar_start, p.last_day, interval '1 day') d (day)
    JOIN draft.stakers s ON s.is_delegated
    WHERE draft.draw('moves ' || s.staker || ' ' || d.day::date, 2000) = 0
) c;
DELETE FROM draft.delegation_events WHERE operator = old_operator;
