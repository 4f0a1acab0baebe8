-- Purpose: the fingerprint of the rows a run wrote, as oracle/fingerprint.sql makes it. Parameters: $1 run id.
-- Columns: fingerprint. Locks: none.
SELECT count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(',', earner, snapshot, reward_hash, token, amount), 0)), 0)
       AS fingerprint
FROM gold_of_runs WHERE run_id = $1
