-- Purpose: what both sides paid of each submission, day by day and together; one pass over the rows of both.
-- Parameters: $1 one reward hash, or NULL; $2 one earner, or NULL. Columns: reward_hash, token, stored (text), other (text),
-- differing_days, first_day, last_day (of those that differ), stored_rows, other_rows. Order: reward_hash, token. Locks: none.
WITH days AS (
    SELECT g.reward_hash, g.token, g.snapshot, sum(g.stored) AS stored, sum(g.other) AS other, sum(g.stored_rows) AS stored_rows,
           sum(g.other_rows) AS other_rows
    FROM (
        SELECT s.reward_hash, s.token, s.snapshot, sum(s.amount) AS stored, 0 AS other, count(*) AS stored_rows, 0 AS other_rows
        FROM diff_stored s
        WHERE ($1::text IS NULL OR s.reward_hash = $1) AND ($2::text IS NULL OR s.earner = $2)
        GROUP BY s.reward_hash, s.token, s.snapshot
        UNION ALL
        SELECT o.reward_hash, o.token, o.snapshot, 0, sum(o.amount), 0, count(*)
        FROM diff_other o
        WHERE ($1::text IS NULL OR o.reward_hash = $1) AND ($2::text IS NULL OR o.earner = $2)
        GROUP BY o.reward_hash, o.token, o.snapshot
    ) g
    GROUP BY g.reward_hash, g.token, g.snapshot
)
SELECT d.reward_hash, d.token, sum(d.stored)::text AS stored, sum(d.other)::text AS other,
       count(*) FILTER (WHERE d.stored <> d.other) AS differing_days,
       min(d.snapshot) FILTER (WHERE d.stored <> d.other) AS first_day,
       max(d.snapshot) FILTER (WHERE d.stored <> d.other) AS last_day,
       sum(d.stored_rows)::bigint AS stored_rows, sum(d.other_rows)::bigint AS other_rows
FROM days d
GROUP BY d.reward_hash, d.token
ORDER BY d.reward_hash COLLATE "C", d.token COLLATE "C"
