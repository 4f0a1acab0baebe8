-- Purpose: the newest days of the relations that reach the cutoff itself (spec/02 §7), in the indexer's schema, which has
-- to be first on the search path. Parameters: none. Columns: relation, day (NULL without rows). Order: none. Locks: none.
SELECT 'staker_share_snapshots' AS relation, max(snapshot)::date AS day FROM staker_share_snapshots
UNION ALL
SELECT 'operator_share_snapshots', max(snapshot)::date FROM operator_share_snapshots
UNION ALL
SELECT 'operator_set_strategy_registration_snapshots', max(snapshot)::date FROM operator_set_strategy_registration_snapshots
UNION ALL
SELECT 'operator_allocation_snapshots', max(snapshot)::date FROM operator_allocation_snapshots
