-- Purpose: the submissions that a complete run left out, or would have: what is set aside now, but for what the run planned or paid.
-- Parameters: $1 run id. Columns: reward_hash. Order: none. Locks: none.
SELECT q.reward_hash FROM quarantine q
WHERE NOT EXISTS (SELECT FROM gold_windows w WHERE w.run_id = $1 AND w.reward_hash = q.reward_hash)
  AND NOT EXISTS (SELECT FROM runs r, jsonb_array_elements(r.plan -> 'report' -> 'windows') AS planned
                  WHERE r.id = $1 AND planned ->> 'reward_hash' = q.reward_hash)
