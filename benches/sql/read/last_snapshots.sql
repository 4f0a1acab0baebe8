-- Purpose: the last snapshot of every submission. Parameters: none. Columns: groups, and a sum over what was asked for: the
-- server does not compute what nobody looks at.
SELECT count(*) AS groups, sum(last.snapshot - date '2020-01-01')::text AS check FROM (
    SELECT reward_hash, max(snapshot) AS snapshot FROM gold_table GROUP BY reward_hash
) last
