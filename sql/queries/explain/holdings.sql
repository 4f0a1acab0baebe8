-- Purpose: what a staker holds on a day. Source: silver, or an indexer's daily tables of the same name. Parameters: $1 staker,
-- $2 snapshot, $3 strategies. Columns: strategy, shares. Order: strategy. Locks: none.
SELECT s.strategy, s.shares::text AS shares FROM staker_share_snapshots s
WHERE s.staker = $1 AND s.snapshot = $2 AND s.strategy = ANY ($3::text[])
ORDER BY s.strategy COLLATE "C"
