-- Purpose: the index of the gold table that readers of the spec need: the rows of a submission, and its newest day. Parameters: none.
CREATE INDEX gold_table_reward_hash_snapshot_idx ON gold_table (reward_hash, snapshot DESC);
