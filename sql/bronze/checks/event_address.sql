-- Check: addresses of events are lower-case hex of the right length (spec/01 invariant 1); restaked strategies may be of
-- any case. Columns: source_table, key, reason. Order: none.
SELECT e.source_table, e.address AS key, format('column %s: not 0x and 40 lower-case hex digits', e.column_name) AS reason
FROM (
    SELECT 'avs_operator_state_changes'::text AS source_table, 'operator'::text AS column_name, operator AS address
          FROM avs_operator_state_changes
    UNION SELECT 'avs_operator_state_changes', 'avs', avs FROM avs_operator_state_changes
    UNION SELECT 'operator_restaked_strategies', 'operator', lower(operator) FROM operator_restaked_strategies
    UNION SELECT 'operator_restaked_strategies', 'avs', lower(avs) FROM operator_restaked_strategies
    UNION SELECT 'operator_restaked_strategies', 'strategy', lower(strategy) FROM operator_restaked_strategies
    UNION SELECT 'staker_share_deltas', 'staker', staker FROM staker_share_deltas
    UNION SELECT 'staker_share_deltas', 'strategy', strategy FROM staker_share_deltas
    UNION SELECT 'operator_share_deltas', 'operator', operator FROM operator_share_deltas
    UNION SELECT 'operator_share_deltas', 'strategy', strategy FROM operator_share_deltas
    UNION SELECT 'staker_delegation_changes', 'staker', staker FROM staker_delegation_changes
    UNION SELECT 'staker_delegation_changes', 'operator', operator FROM staker_delegation_changes
    UNION SELECT 'operator_avs_splits', 'operator', operator FROM operator_avs_splits
    UNION SELECT 'operator_avs_splits', 'avs', avs FROM operator_avs_splits
    UNION SELECT 'operator_pi_splits', 'operator', operator FROM operator_pi_splits
    UNION SELECT 'operator_set_splits', 'operator', operator FROM operator_set_splits
    UNION SELECT 'operator_set_splits', 'avs', avs FROM operator_set_splits
    UNION SELECT 'operator_set_operator_registrations', 'operator', operator FROM operator_set_operator_registrations
    UNION SELECT 'operator_set_operator_registrations', 'avs', avs FROM operator_set_operator_registrations
    UNION SELECT 'operator_set_strategy_registrations', 'strategy', strategy FROM operator_set_strategy_registrations
    UNION SELECT 'operator_set_strategy_registrations', 'avs', avs FROM operator_set_strategy_registrations
    UNION SELECT 'operator_allocations', 'operator', operator FROM operator_allocations
    UNION SELECT 'operator_allocations', 'strategy', strategy FROM operator_allocations
    UNION SELECT 'operator_allocations', 'avs', avs FROM operator_allocations
    UNION SELECT 'operator_max_magnitudes', 'operator', operator FROM operator_max_magnitudes
    UNION SELECT 'operator_max_magnitudes', 'strategy', strategy FROM operator_max_magnitudes
    UNION SELECT 'excluded_addresses', 'address', address FROM excluded_addresses
) e
WHERE e.address !~ '^0x[0-9a-f]{40}$' AND $1::date IS NOT NULL
LIMIT 20
