-- Purpose: the streams of submissions, one submission after another. Pools of AVSs, of sets and for all stakers are for 14 days and
-- submitted the day before; operator-directed ones are for a week and submitted when it is over, another stream every day.
-- Programmes (all earners) are for four weeks and submitted the day before, or for a week from Thursday on and submitted the day
-- after it. What is under way on first_day is cut to begin then. And there is one submission that comes late.
-- Parameters: draft.params, draft.shape.
CREATE TABLE draft.streams AS
SELECT s.*, row_number() OVER (ORDER BY s.sort, s.n)::integer AS stream
FROM (
    SELECT k.*, n,
           -- v1 pools of AVSs with samples; the others of any, most of the largest.
           CASE k.kind WHEN 'avs' THEN 2 + 4 * (n % greatest(1, (p.avss + 2) / 4)) ELSE 1 + (n - 1) % p.avss END AS avs,
           1 + n / p.avss % 2 AS set
    FROM draft.params p
    CROSS JOIN draft.shape h
    CROSS JOIN LATERAL (VALUES
        (1, 'avs', h.avs_streams, 14, NULL::integer),
        (2, 'all_earners', h.all_earners_streams, CASE WHEN h.retroactive_programmes THEN 7 ELSE 28 END,
         CASE WHEN h.retroactive_programmes THEN 1 END),
        (3, 'all_stakers', h.all_stakers_streams, 14, NULL),
        (4, 'od', h.od_streams, 7, 0),
        (5, 'od_set', h.od_set_streams, 7, 0),
        (6, 'unique_stake', h.unique_stake_streams, 14, NULL),
        (7, 'total_stake', h.total_stake_streams, 14, NULL)
    ) AS k (sort, kind, streams, period, days_after)
    CROSS JOIN generate_series(1, k.streams) n
) s;

CREATE TABLE draft.submissions AS
SELECT c.*, draft.hash(format('submission %s %s', c.stream, c.round)) AS reward_hash,
       draft.address('token ' || c.stream % 3) AS token, c.days * 86400::bigint AS duration,
       (1 + draft.draw(format('amount %s %s', c.stream, c.round), 999))::numeric * c.days * 1000000000000000000
           + draft.draw(format('amount wei %s %s', c.stream, c.round), 1000000007) AS amount,
       CASE WHEN c.days_after IS NULL
            THEN greatest(draft.block(c.begins - 1, 200 + c.stream), draft.block(p.first_day, 60))
            ELSE draft.block(c.ends + c.days_after, 200 + c.stream) END AS block,
       900000000 + c.stream AS log_index
FROM draft.params p
CROSS JOIN LATERAL (
    SELECT r.stream, r.kind, r.n, r.avs, r.set, r.days_after, r.round, greatest(r.begins, p.first_day) AS begins,
           r.begins + r.period AS ends, r.begins + r.period - greatest(r.begins, p.first_day) AS days
    FROM (
        SELECT s.*, k AS round,
               p.calendar_start + (k - 1) * s.period
                   + CASE WHEN s.kind = 'all_earners' AND s.days_after IS NOT NULL
                          THEN (11 - extract(isodow FROM p.calendar_start)::integer) % 7 ELSE s.stream % s.period END AS begins
        FROM draft.streams s
        CROSS JOIN generate_series(0, (p.last_day - p.calendar_start) / s.period + 1) k
        UNION ALL
        -- The late one is a programme.
        SELECT 99, 'all_earners', 1, 7, h.late_days, 1, 1, 1, 1000, 1, h.late_day - h.late_days - 7
        FROM draft.shape h
    ) r (sort, kind, streams, period, days_after, n, avs, set, stream, round, begins)
) c
LEFT JOIN draft.forks f USING (kind)
WHERE c.days > 0 AND c.ends > p.first_day
  AND CASE WHEN c.days_after IS NULL THEN c.begins - 1 ELSE c.ends + c.days_after END <= p.last_day
  AND (f.since IS NULL OR c.begins >= f.since);

-- The strategies of a submission: those of its AVS; for all earners all but the second one, or the second one alone; for all
-- stakers the last one.
CREATE TABLE draft.submission_strategies AS
SELECT s.stream, s.round, t.address AS strategy, row_number() OVER (PARTITION BY s.stream, s.round ORDER BY t.address) - 1 AS index,
       (1 + draft.draw(format('multiplier %s %s', s.stream, t.strategy), 5))::numeric * 1000000000000000000 AS multiplier
FROM draft.params p
CROSS JOIN draft.submissions s
CROSS JOIN draft.strategies t
LEFT JOIN draft.avs_strategies a ON a.avs = s.avs AND a.strategy = t.strategy
WHERE CASE s.kind
          WHEN 'all_earners' THEN (t.strategy = 2) = (s.n = 2)
          WHEN 'all_stakers' THEN t.strategy = p.strategies
          ELSE a.avs IS NOT NULL END;

-- The operators of an operator-directed submission: up to twelve of those registered when it begins.
CREATE TABLE draft.submission_operators AS
SELECT c.stream, c.round, c.address AS operator, row_number() OVER (PARTITION BY c.stream, c.round ORDER BY c.address) - 1 AS index,
       c.amount + draft.draw(format('operator amount %s %s', c.stream, c.operator), 1000000007) AS amount
FROM (
    SELECT s.stream, s.round, s.amount, o.operator, o.address,
           row_number() OVER (PARTITION BY s.stream, s.round ORDER BY draft.draw(format('%s %s', s.stream, o.operator), 1000003),
                              o.operator) AS choice
    FROM (
        SELECT s.stream, s.round, s.amount, r.operator
        FROM draft.submissions s JOIN draft.operator_avss r USING (avs) WHERE s.kind = 'od' AND r.since < s.begins
        UNION ALL
        SELECT s.stream, s.round, s.amount, r.operator
        FROM draft.submissions s JOIN draft.operator_sets r USING (avs, set) WHERE s.kind = 'od_set' AND r.since < s.begins
    ) s
    JOIN draft.operators o USING (operator)
) c
WHERE c.choice <= 12;
