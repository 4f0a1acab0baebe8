-- Purpose: submissions that are set aside. Parameters: none. Columns: reward_hash. Order: reward_hash. Locks: none.
COPY (SELECT q.reward_hash FROM quarantine q ORDER BY q.reward_hash) TO STDOUT (FORMAT binary)
