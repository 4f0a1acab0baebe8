-- Purpose: ranges [valid_from, valid_to) of silver are not empty, and those of one key do not overlap (design D3).
-- Of an overlap, the range that starts first is listed. One sort per table. Parameters: none.
-- Columns: key, detail. Order: key. Locks: none.
SELECT r.key,
       CASE
           WHEN r.valid_to <= r.valid_from THEN format('valid from %s to %s is empty', r.valid_from, r.valid_to)
           ELSE format('valid from %s to %s, but the next range starts %s', r.valid_from,
                       coalesce(r.valid_to::text, 'now on'), r.next_from)
       END AS detail
FROM (
    SELECT format('staker_share_ranges staker %s strategy %s', staker, strategy) AS key,
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY staker, strategy ORDER BY valid_from) AS next_from
    FROM staker_share_ranges
    UNION ALL
    SELECT format('operator_share_ranges operator %s strategy %s', operator, strategy),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator, strategy ORDER BY valid_from)
    FROM operator_share_ranges
    UNION ALL
    SELECT format('staker_delegation_ranges staker %s', staker),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY staker ORDER BY valid_from)
    FROM staker_delegation_ranges
    UNION ALL
    SELECT format('operator_avs_split_ranges operator %s avs %s', operator, avs),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator, avs ORDER BY valid_from)
    FROM operator_avs_split_ranges
    UNION ALL
    SELECT format('operator_pi_split_ranges operator %s', operator),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator ORDER BY valid_from)
    FROM operator_pi_split_ranges
    UNION ALL
    SELECT format('operator_set_split_ranges operator %s avs %s operator_set_id %s', operator, avs, operator_set_id),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator, avs, operator_set_id ORDER BY valid_from)
    FROM operator_set_split_ranges
    UNION ALL
    SELECT 'default_operator_split_ranges',
           valid_from, valid_to, lead(valid_from) OVER (ORDER BY valid_from)
    FROM default_operator_split_ranges
    UNION ALL
    SELECT format('operator_avs_registration_ranges avs %s operator %s', avs, operator),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY avs, operator ORDER BY valid_from)
    FROM operator_avs_registration_ranges
    UNION ALL
    SELECT format('operator_set_operator_registration_ranges operator %s avs %s operator_set_id %s',
                   operator, avs, operator_set_id),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator, avs, operator_set_id ORDER BY valid_from)
    FROM operator_set_operator_registration_ranges
    UNION ALL
    SELECT format('operator_set_strategy_registration_ranges strategy %s avs %s operator_set_id %s',
                   strategy, avs, operator_set_id),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY strategy, avs, operator_set_id ORDER BY valid_from)
    FROM operator_set_strategy_registration_ranges
    UNION ALL
    SELECT format('operator_avs_strategy_ranges operator %s avs %s strategy %s', operator, avs, strategy),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator, avs, strategy ORDER BY valid_from)
    FROM operator_avs_strategy_ranges
    UNION ALL
    SELECT format('operator_allocation_ranges operator %s avs %s strategy %s operator_set_id %s',
                   operator, avs, strategy, operator_set_id),
           valid_from, valid_to,
           lead(valid_from) OVER (PARTITION BY operator, avs, strategy, operator_set_id ORDER BY valid_from)
    FROM operator_allocation_ranges
    UNION ALL
    SELECT format('operator_max_magnitude_ranges operator %s strategy %s', operator, strategy),
           valid_from, valid_to, lead(valid_from) OVER (PARTITION BY operator, strategy ORDER BY valid_from)
    FROM operator_max_magnitude_ranges
) r
WHERE r.valid_to <= r.valid_from OR coalesce(r.valid_to, 'infinity') > r.next_from
ORDER BY key, detail
