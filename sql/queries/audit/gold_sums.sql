-- Purpose: the rows of complete runs, counted and added up per day and submission. One pass over gold_rows; with hashes, over their
-- parts of it. The sums are sorted in the server. Parameters: $1 reward hashes, or NULL for all.
-- Columns: day, cells (reward_hash, token, rows, sum as text). Order: day. Locks: none.
SELECT s.snapshot AS day,
       ARRAY[coalesce(r.reward_hash, 'submission number ' || s.reward), coalesce(r.token, ''), s.gold_rows::text,
             s.paid::text] AS cells
FROM (
    SELECT g.snapshot, g.reward, count(*) AS gold_rows, sum(g.amount) AS paid
    FROM gold_rows g
    WHERE g.run_id IN (SELECT n.id FROM runs n WHERE n.status = 'complete')
      AND ($1::text[] IS NULL OR g.reward IN (SELECT h.id FROM gold_rewards h WHERE h.reward_hash = ANY ($1)))
    GROUP BY g.snapshot, g.reward
) s
LEFT JOIN gold_rewards r ON r.id = s.reward
ORDER BY s.snapshot
