-- Check: v1 submissions are of a known type (spec/01 reward_submissions). Columns: source_table, key, reason. Order: key.
SELECT DISTINCT source_table, reward_hash AS key,
       format('reward_type ''%s'' is none of avs, all_stakers, all_earners', reward_type) AS reason
FROM submissions
WHERE reward_type NOT IN ('avs', 'all_stakers', 'all_earners')
ORDER BY key
