-- Purpose: the last day paid of submissions. Parameters: $1 reward hashes. Columns: reward_hash, last_snapshot. Order: none. Locks:
-- none.
SELECT w.reward_hash, w.last_snapshot FROM watermarks w WHERE w.reward_hash = ANY ($1::text[])
