-- Purpose: hands the quarantine to an oracle run. Parameters: none. Locks: none.
INSERT INTO oracle_quarantine (reward_hash) SELECT reward_hash FROM quarantine
