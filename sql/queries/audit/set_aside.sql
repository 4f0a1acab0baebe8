-- Purpose: what is in quarantine, and whether a complete run paid it before. Parameters: none.
-- Columns: reward_hash, source_table, reason, paid. Order: reward_hash. Locks: none.
SELECT q.reward_hash, q.source_table, q.reason,
       EXISTS (SELECT FROM gold_windows w JOIN runs r ON r.id = w.run_id AND r.status = 'complete'
               WHERE w.reward_hash = q.reward_hash) AS paid
FROM quarantine q
ORDER BY q.reward_hash
