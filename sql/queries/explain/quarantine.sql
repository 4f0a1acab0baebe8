-- Purpose: submissions that are set aside. Parameters: none. Columns: reward_hash, reason. Order: reward_hash. Locks: none.
SELECT q.reward_hash, q.reason FROM quarantine q ORDER BY q.reward_hash
