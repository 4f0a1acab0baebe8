-- Check: addresses of events before the cutoff are lower-case hex of the right length (spec/01 invariant 1); restaked
-- strategies may be of any case. Parameters: $1 cutoff, $2 NULL, or the day from which on events are new: then those, $3 a
-- block below which there are no new samples. Columns: source_table, key, reason. Order: table, key.
SELECT e.source_table, e.address AS key, format('column %s: not 0x and 40 lower-case hex digits', e.column_name) AS reason
FROM (
    SELECT 'staker_share_deltas'::text AS source_table, 'staker'::text AS column_name, staker AS address
          FROM staker_share_deltas WHERE block_time < $1::date AND ($2::date IS NULL OR block_time >= $2::date)
    UNION SELECT 'staker_share_deltas', 'strategy', strategy
          FROM staker_share_deltas WHERE block_time < $1::date AND ($2::date IS NULL OR block_time >= $2::date)
    UNION SELECT 'operator_share_deltas', 'operator', operator
          FROM operator_share_deltas WHERE block_time < $1::date AND ($2::date IS NULL OR block_time >= $2::date)
    UNION SELECT 'operator_share_deltas', 'strategy', strategy
          FROM operator_share_deltas WHERE block_time < $1::date AND ($2::date IS NULL OR block_time >= $2::date)
    UNION SELECT 'operator_restaked_strategies', c.column_name, lower(c.address)
          FROM operator_restaked_strategies r
          CROSS JOIN LATERAL (VALUES ('operator', r.operator), ('avs', r.avs), ('strategy', r.strategy)) c (column_name, address)
          WHERE $2::date IS NULL OR (r.block_number >= $3::bigint AND r.block_time >= $2::date)
    UNION SELECT 'excluded_addresses', 'address', address FROM excluded_addresses
    UNION SELECT 'avs_operator_state_changes', 'operator', e.operator
          FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'avs_operator_state_changes', 'avs', e.avs
          FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'staker_delegation_changes', 'staker', e.staker
          FROM staker_delegation_changes e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'staker_delegation_changes', 'operator', e.operator
          FROM staker_delegation_changes e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'operator_avs_splits', 'operator', e.operator
          FROM operator_avs_splits e JOIN blocks b ON b.number = e.block_number WHERE b.block_time < $1::date
    UNION SELECT 'operator_avs_splits', 'avs', e.avs
          FROM operator_avs_splits e JOIN blocks b ON b.number = e.block_number WHERE b.block_time < $1::date
    UNION SELECT 'operator_pi_splits', 'operator', e.operator
          FROM operator_pi_splits e JOIN blocks b ON b.number = e.block_number WHERE b.block_time < $1::date
    UNION SELECT 'operator_set_splits', 'operator', e.operator
          FROM operator_set_splits e JOIN blocks b ON b.number = e.block_number WHERE b.block_time < $1::date
    UNION SELECT 'operator_set_splits', 'avs', e.avs
          FROM operator_set_splits e JOIN blocks b ON b.number = e.block_number WHERE b.block_time < $1::date
    UNION SELECT 'operator_set_operator_registrations', 'operator', e.operator
          FROM operator_set_operator_registrations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'operator_set_operator_registrations', 'avs', e.avs
          FROM operator_set_operator_registrations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'operator_set_strategy_registrations', 'strategy', e.strategy
          FROM operator_set_strategy_registrations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'operator_set_strategy_registrations', 'avs', e.avs
          FROM operator_set_strategy_registrations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'operator_allocations', 'operator', e.operator
          FROM operator_allocations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date OR e.effective_block > e.block_number)
    UNION SELECT 'operator_allocations', 'strategy', e.strategy
          FROM operator_allocations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date OR e.effective_block > e.block_number)
    UNION SELECT 'operator_allocations', 'avs', e.avs
          FROM operator_allocations e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date OR e.effective_block > e.block_number)
    UNION SELECT 'operator_max_magnitudes', 'operator', e.operator
          FROM operator_max_magnitudes e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
    UNION SELECT 'operator_max_magnitudes', 'strategy', e.strategy
          FROM operator_max_magnitudes e JOIN blocks b ON b.number = e.block_number
          WHERE b.block_time < $1::date AND ($2::date IS NULL OR b.block_time >= $2::date)
) e
WHERE e.address !~ '^0x[0-9a-f]{40}$'
ORDER BY e.source_table, key
LIMIT 20
