-- Purpose: the numbers of submissions. Parameters: $1 reward hashes. Columns: id, reward_hash, token. Locks: none.
SELECT r.id, r.reward_hash, r.token FROM gold_rewards r WHERE r.reward_hash = ANY ($1)
