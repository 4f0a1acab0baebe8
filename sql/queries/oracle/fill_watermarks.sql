-- Purpose: hands the watermarks to an oracle run. Parameters: none. Locks: none.
INSERT INTO oracle_watermarks (reward_hash, last_snapshot) SELECT reward_hash, last_snapshot FROM watermarks
