-- Purpose: what a run left out, or would have: everything set aside since, but for what it paid. (A submission that came late
-- was set aside by a later run; the earlier one had not seen it.) Parameters: $1 its cutoff; NULL:
-- what no run has paid. Columns: as listed. Order: none.
SELECT q.reward_hash, q.source_table, q.reason, q.cutoff FROM quarantine q
WHERE NOT EXISTS (SELECT FROM gold_windows w JOIN runs r ON r.id = w.run_id
                  WHERE ($1::date IS NULL OR r.cutoff = $1) AND w.reward_hash = q.reward_hash)
