-- Purpose: the cutoffs a reference ran, from its generated_rewards_snapshots on the search path (spec/00 §5).
-- Parameters: none. Columns: cutoff. Order: cutoff.
SELECT snapshot_date::text::date AS cutoff FROM generated_rewards_snapshots WHERE status::text = 'complete' ORDER BY 1
