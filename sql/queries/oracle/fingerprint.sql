-- Purpose: a fingerprint of the rows the oracle computed. Parameters: none. Columns: fingerprint. Locks: none.
SELECT count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(',', earner, snapshot, reward_hash, token, amount), 0)), 0)
       AS fingerprint
FROM oracle_gold_22_staging
