-- Purpose: the rows of gold, in the order that suits both the partitions and the index. Parameters: none.
SELECT earner, snapshot, reward_hash, token, amount FROM paydirt.gold_table ORDER BY snapshot, reward_hash, earner
