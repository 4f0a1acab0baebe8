-- Purpose: the complete runs that computed a day of submissions: those that planned it, and those that wrote around it. Parameters:
-- $1 reward hashes, $2 snapshot. Columns: reward_hash, id, cutoff, source, wrote (whether rows of the day are its own). Order:
-- reward_hash, then rows' own run first, then the newest. Locks: none.
SELECT c.reward_hash, r.id, r.cutoff, r.source,
       EXISTS (SELECT FROM gold_of_runs g
               WHERE g.reward_hash = c.reward_hash AND g.snapshot = $2 AND g.run_id = r.id) AS wrote
FROM (
    SELECT p.id AS run_id, w.value ->> 'reward_hash' AS reward_hash
    FROM runs p CROSS JOIN LATERAL jsonb_array_elements(p.plan -> 'report' -> 'windows') w
    WHERE p.status = 'complete' AND p.cutoff >= $2 AND w.value ->> 'reward_hash' = ANY ($1::text[])
      AND (w.value ->> 'first_snapshot')::date <= $2 AND (w.value ->> 'last_snapshot')::date >= $2
    UNION
    SELECT o.run_id, o.reward_hash FROM gold_windows o
    WHERE o.reward_hash = ANY ($1::text[]) AND $2 BETWEEN o.first_snapshot AND o.last_snapshot
) c
JOIN runs r ON r.id = c.run_id AND r.status = 'complete'
ORDER BY c.reward_hash COLLATE "C", wrote DESC, r.cutoff DESC
