-- Purpose: the last snapshot of every submission. Parameters: none. Columns: submissions.
SELECT count(*) AS submissions FROM (SELECT reward_hash, max(snapshot) FROM gold_table GROUP BY reward_hash) last
