-- Purpose: what both sides paid each earner of each submission, where that differs; those that differ most first. One pass over the
-- rows of both. Parameters: $1 one reward hash, or NULL; $2 one earner, or NULL. Columns: reward_hash, token, earner, stored (text),
-- other (text), difference (text, other less stored). Order: size of the difference, reward_hash, earner. Locks: none.
SELECT g.reward_hash, g.token, g.earner, sum(g.stored)::text AS stored, sum(g.other)::text AS other,
       (sum(g.other) - sum(g.stored))::text AS difference
FROM (
    SELECT s.reward_hash, s.token, s.earner, s.amount AS stored, 0 AS other
    FROM diff_stored s
    WHERE ($1::text IS NULL OR s.reward_hash = $1) AND ($2::text IS NULL OR s.earner = $2)
    UNION ALL
    SELECT o.reward_hash, o.token, o.earner, 0, o.amount
    FROM diff_other o
    WHERE ($1::text IS NULL OR o.reward_hash = $1) AND ($2::text IS NULL OR o.earner = $2)
) g
GROUP BY g.reward_hash, g.token, g.earner
HAVING sum(g.stored) <> sum(g.other)
ORDER BY abs(sum(g.other) - sum(g.stored)) DESC, g.reward_hash COLLATE "C", g.earner COLLATE "C", g.token COLLATE "C"
