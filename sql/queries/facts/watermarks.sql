-- Purpose: the last snapshot paid per reward_hash as this run found it (spec/03 §0, Q1): units of its own that are done do
-- not count. Locks: none. Parameters: run_input. Columns: reward_hash, last_snapshot. Order: reward_hash.
COPY (
    SELECT m.reward_hash,
           CASE WHEN own.run_id IS NULL THEN m.last_snapshot ELSE others.last_snapshot END AS last_snapshot
    FROM run_input i
    CROSS JOIN watermarks m
    LEFT JOIN gold_windows own ON own.run_id = i.resumed_run AND own.reward_hash = m.reward_hash
    LEFT JOIN LATERAL (
        SELECT max(w.last_snapshot) AS last_snapshot FROM gold_windows w
        WHERE own.run_id IS NOT NULL AND w.reward_hash = m.reward_hash AND w.run_id <> own.run_id
    ) others ON true
    WHERE own.run_id IS NULL OR others.last_snapshot IS NOT NULL
    ORDER BY m.reward_hash
) TO STDOUT (FORMAT binary)
