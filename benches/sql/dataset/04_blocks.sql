-- Purpose: the blocks of all days. Parameters: draft.params.
INSERT INTO blocks (number, hash, parent_hash, block_time)
SELECT n, draft.hash('block ' || n), draft.hash('block ' || n - 1), draft.block_time(n)
FROM draft.params p, generate_series(draft.block(p.first_day, 0), draft.block(p.last_day, 7199)) n;
