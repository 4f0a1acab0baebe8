-- Purpose: what was put into each submission: its amount, or the sum of its operators' amounts. An operator that is named twice
-- counts twice; rows that disagree on an amount count once per amount. One pass over the submission tables.
-- Parameters: none. Columns: reward_hash, funded (text), rows_disagree (a submission's rows do not say one thing, or name an operator
-- twice). Order: none. Locks: none.
WITH submission_rows AS (
    SELECT 'v1' AS kind, s.reward_hash, s.avs, NULL::bigint AS operator_set_id, s.token, NULL::text AS operator,
           NULL::integer AS operator_index, s.amount, s.start_timestamp, s.end_timestamp, s.duration::bigint AS duration
    FROM reward_submissions s
    UNION ALL
    SELECT 'od', s.reward_hash, s.avs, NULL, s.token, s.operator, s.operator_index, s.amount, s.start_timestamp,
           s.end_timestamp, s.duration
    FROM operator_directed_reward_submissions s
    UNION ALL
    SELECT 'od_set', s.reward_hash, s.avs, s.operator_set_id, s.token, s.operator, s.operator_index, s.amount,
           s.start_timestamp, s.end_timestamp, s.duration
    FROM operator_directed_operator_set_reward_submissions s
    UNION ALL
    SELECT 'unique_stake', s.reward_hash, s.avs, s.operator_set_id, s.token, NULL, NULL, s.amount, s.start_timestamp,
           s.end_timestamp, s.duration
    FROM unique_stake_reward_submissions s
    UNION ALL
    SELECT 'total_stake', s.reward_hash, s.avs, s.operator_set_id, s.token, NULL, NULL, s.amount, s.start_timestamp,
           s.end_timestamp, s.duration
    FROM total_stake_reward_submissions s
), amounts AS (
    SELECT s.reward_hash, s.operator_index, s.operator, s.amount,
           count(DISTINCT (s.kind, s.avs, s.operator_set_id, s.token, s.start_timestamp, s.end_timestamp, s.duration)) AS facts,
           min(s.kind || s.token || s.start_timestamp || s.end_timestamp || s.duration) AS fact
    FROM submission_rows s
    GROUP BY s.reward_hash, s.operator_index, s.operator, s.amount
)
SELECT a.reward_hash, sum(a.amount)::text AS funded,
       max(a.facts) > 1 OR count(DISTINCT a.fact) > 1 OR count(*) > greatest(count(DISTINCT a.operator), 1) AS rows_disagree
FROM amounts a
GROUP BY a.reward_hash
