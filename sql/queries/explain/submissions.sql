-- Purpose: the submissions an explanation is about: one, those of a token, or all, as far as they have days around a snapshot.
-- Parameters: $1 reward hash or NULL, $2 token or NULL, $3 snapshot (not looked at if a hash is given). Columns: as listed, one row
-- per submission; amount is the sum over operators where it is directed to them; times are NULL if the block is missing.
-- Order: reward_hash. Locks: none.
WITH rows AS (
    SELECT r.reward_type AS kind, r.reward_hash, r.avs, NULL::bigint AS operator_set_id, r.token, NULL::text AS operator, r.amount,
           r.start_timestamp, r.end_timestamp, r.duration::bigint AS duration, r.block_number, r.transaction_hash,
           r.log_index::bigint AS log_index
    FROM reward_submissions r
    UNION ALL
    SELECT 'operator_directed', r.reward_hash, r.avs, NULL, r.token, r.operator, r.amount, r.start_timestamp, r.end_timestamp,
           r.duration, r.block_number, r.transaction_hash, r.log_index
    FROM operator_directed_reward_submissions r
    UNION ALL
    SELECT 'operator_directed_operator_set', r.reward_hash, r.avs, r.operator_set_id, r.token, r.operator, r.amount,
           r.start_timestamp, r.end_timestamp, r.duration, r.block_number, r.transaction_hash, r.log_index
    FROM operator_directed_operator_set_reward_submissions r
    UNION ALL
    SELECT 'unique_stake', r.reward_hash, r.avs, r.operator_set_id, r.token, NULL, r.amount, r.start_timestamp, r.end_timestamp,
           r.duration, r.block_number, r.transaction_hash, r.log_index
    FROM unique_stake_reward_submissions r
    UNION ALL
    SELECT 'total_stake', r.reward_hash, r.avs, r.operator_set_id, r.token, NULL, r.amount, r.start_timestamp, r.end_timestamp,
           r.duration, r.block_number, r.transaction_hash, r.log_index
    FROM total_stake_reward_submissions r
), wanted AS (
    -- Rows that differ only in the strategy are one.
    SELECT DISTINCT r.* FROM rows r
    WHERE ($1::text IS NULL OR r.reward_hash = $1) AND ($2::text IS NULL OR r.token = $2)
      AND ($1::text IS NOT NULL OR (r.start_timestamp::date <= $3::date AND r.end_timestamp >= $3::date))
)
SELECT w.reward_hash, min(w.kind) AS kind, min(w.avs) AS avs, min(w.operator_set_id) AS operator_set_id, min(w.token) AS token,
       sum(w.amount)::text AS amount, min(w.start_timestamp) AS start_timestamp, max(w.end_timestamp) AS end_timestamp,
       max(w.duration) AS duration, min(w.block_number) AS block_number, min(b.block_time) AS block_time,
       min(w.transaction_hash) AS transaction_hash, min(w.log_index) AS log_index
FROM wanted w LEFT JOIN blocks b ON b.number = w.block_number
GROUP BY w.reward_hash
ORDER BY w.reward_hash COLLATE "C"
