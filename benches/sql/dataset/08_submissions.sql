-- Purpose: 30 streams of submissions, of which one is always active each. 23 are pools of 14 days that begin the day after
-- their block: 8 of AVSs, 2 for all earners, 1 for all stakers, 6 for unique and 6 for total stake. 7 are operator-directed,
-- 4 of AVSs and 3 of operator sets: a week, submitted when it is over, another stream every day. What is under way on first_day
-- is cut to begin then. Parameters: draft.params.
CREATE TABLE draft.submissions AS
SELECT c.*, draft.hash(format('submission %s %s', c.stream, c.round)) AS reward_hash,
       draft.address('token ' || c.stream % 3) AS token, c.days * 86400::bigint AS duration,
       (1 + draft.draw(format('amount %s %s', c.stream, c.round), 999))::numeric * c.days * 1000000000000000000
           + draft.draw(format('amount wei %s %s', c.stream, c.round), 1000000007) AS amount,
       CASE WHEN c.is_directed THEN draft.block(c.ends, 200 + c.stream)
            ELSE greatest(draft.block(c.begins - 1, 200 + c.stream), draft.block(p.first_day, 60)) END AS block,
       900000000 + c.stream AS log_index
FROM draft.params p
CROSS JOIN LATERAL (
    SELECT s.stream, s.kind, s.avs, s.set, s.is_directed, r.round, greatest(r.begins, p.first_day) AS begins,
           r.begins + s.period AS ends, r.begins + s.period - greatest(r.begins, p.first_day) AS days
    FROM (
        SELECT n AS stream, n > 23 AS is_directed, CASE WHEN n > 23 THEN 7 ELSE 14 END AS period,
               CASE WHEN n <= 8 THEN 'avs' WHEN n <= 10 THEN 'all_earners' WHEN n = 11 THEN 'all_stakers'
                    WHEN n <= 17 THEN 'unique_stake' WHEN n <= 23 THEN 'total_stake' WHEN n <= 27 THEN 'od' ELSE 'od_set' END
                   AS kind,
               1 + n % p.avss AS avs, 1 + n / 8 % 2 AS set
        FROM generate_series(1, 30) n
    ) s
    CROSS JOIN LATERAL (
        SELECT k AS round, p.calendar_start + (s.stream % s.period)::integer + (k - 1) * s.period AS begins
        FROM generate_series(0, (p.last_day - p.calendar_start) / s.period + 1) k
    ) r
) c
WHERE c.days > 0 AND c.ends > p.first_day
  AND CASE WHEN c.is_directed THEN c.ends <= p.last_day ELSE c.begins - 1 <= p.last_day END;

-- The strategies of a submission: those of its AVS; all of them for all earners and all stakers.
CREATE TABLE draft.submission_strategies AS
SELECT s.stream, s.round, t.address AS strategy, row_number() OVER (PARTITION BY s.stream, s.round ORDER BY t.address) - 1 AS index,
       (1 + draft.draw(format('multiplier %s %s', s.stream, t.strategy), 5))::numeric * 1000000000000000000 AS multiplier
FROM draft.submissions s JOIN draft.strategies t
    ON s.kind IN ('all_earners', 'all_stakers')
    OR EXISTS (SELECT FROM draft.avs_strategies a WHERE a.avs = s.avs AND a.strategy = t.strategy);

-- The operators of an operator-directed submission: up to twelve of those registered.
CREATE TABLE draft.submission_operators AS
SELECT c.stream, c.round, c.address AS operator, row_number() OVER (PARTITION BY c.stream, c.round ORDER BY c.address) - 1 AS index,
       c.amount + draft.draw(format('operator amount %s %s', c.stream, c.operator), 1000000007) AS amount
FROM (
    SELECT s.stream, s.round, s.amount, o.operator, o.address,
           row_number() OVER (PARTITION BY s.stream, s.round ORDER BY draft.draw(format('%s %s', s.stream, o.operator), 1000003),
                              o.operator) AS choice
    FROM draft.submissions s JOIN draft.operators o
        ON (s.kind = 'od' AND EXISTS (SELECT FROM draft.operator_avss r WHERE r.operator = o.operator AND r.avs = s.avs))
        OR (s.kind = 'od_set' AND EXISTS (SELECT FROM draft.operator_sets r
                                          WHERE r.operator = o.operator AND r.avs = s.avs AND r.set = s.set))
) c
WHERE c.choice <= 12;
