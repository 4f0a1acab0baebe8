-- Check: addresses of events before the cutoff are lower-case hex of the right length (spec/01 invariant 1); restaked
-- strategies may be of any case. Parameters: $1 cutoff, $2 NULL, or the day from which on events are new: then those, $3 and $4
-- blocks below which there are no new samples and no other new events. Columns: source_table, key, reason. Order: table, key.
-- An address is tried with a negated character class, which a regular expression refuses at the first character that is
-- wrong; matching 40 characters takes five times as long.
SELECT DISTINCT e.source_table, e.address AS key, format('column %s: not 0x and 40 lower-case hex digits', e.column_name) AS reason
FROM (
    SELECT 'staker_share_deltas'::text AS source_table, c.column_name, c.address
    FROM staker_share_deltas e CROSS JOIN LATERAL (VALUES ('staker', e.staker), ('strategy', e.strategy)) c (column_name, address)
    WHERE e.block_time < $1::date AND ($2::date IS NULL OR e.block_time >= $2::date)
    UNION ALL
    SELECT 'operator_share_deltas'::text AS source_table, c.column_name, c.address
    FROM operator_share_deltas e CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('strategy', e.strategy)) c (column_name, address)
    WHERE e.block_time < $1::date AND ($2::date IS NULL OR e.block_time >= $2::date)
    UNION ALL
    SELECT 'operator_restaked_strategies', c.column_name, lower(c.address)
    FROM (
        SELECT DISTINCT r.operator, r.avs, r.strategy FROM operator_restaked_strategies r
        WHERE $2::date IS NULL OR (r.block_number >= $3::bigint AND r.block_time >= $2::date)
    ) e
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('avs', e.avs), ('strategy', e.strategy)) c (column_name, address)
    UNION ALL
    SELECT 'excluded_addresses', 'address', address FROM excluded_addresses
    UNION ALL
    SELECT 'avs_operator_state_changes', c.column_name, c.address
    FROM avs_operator_state_changes e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('avs', e.avs)) c (column_name, address)
    WHERE b.block_time < $1::date AND ($2::date IS NULL OR (e.block_number >= $4::bigint AND b.block_time >= $2::date))
    UNION ALL
    SELECT 'staker_delegation_changes', c.column_name, c.address
    FROM staker_delegation_changes e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('staker', e.staker), ('operator', e.operator)) c (column_name, address)
    WHERE b.block_time < $1::date AND ($2::date IS NULL OR (e.block_number >= $4::bigint AND b.block_time >= $2::date))
    UNION ALL
    SELECT 'operator_avs_splits', c.column_name, c.address
    FROM operator_avs_splits e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('avs', e.avs)) c (column_name, address)
    WHERE b.block_time < $1::date
    UNION ALL
    SELECT 'operator_pi_splits', c.column_name, c.address
    FROM operator_pi_splits e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator)) c (column_name, address)
    WHERE b.block_time < $1::date
    UNION ALL
    SELECT 'operator_set_splits', c.column_name, c.address
    FROM operator_set_splits e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('avs', e.avs)) c (column_name, address)
    WHERE b.block_time < $1::date
    UNION ALL
    SELECT 'operator_set_operator_registrations', c.column_name, c.address
    FROM operator_set_operator_registrations e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('avs', e.avs)) c (column_name, address)
    WHERE b.block_time < $1::date AND ($2::date IS NULL OR (e.block_number >= $4::bigint AND b.block_time >= $2::date))
    UNION ALL
    SELECT 'operator_set_strategy_registrations', c.column_name, c.address
    FROM operator_set_strategy_registrations e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('strategy', e.strategy), ('avs', e.avs)) c (column_name, address)
    WHERE b.block_time < $1::date AND ($2::date IS NULL OR (e.block_number >= $4::bigint AND b.block_time >= $2::date))
    UNION ALL
    SELECT 'operator_allocations', c.column_name, c.address
    FROM operator_allocations e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('strategy', e.strategy), ('avs', e.avs)) c (column_name, address)
    WHERE b.block_time < $1::date AND ($2::date IS NULL OR (e.block_number >= $4::bigint AND (b.block_time >= $2::date OR e.effective_block > e.block_number)))
    UNION ALL
    SELECT 'operator_max_magnitudes', c.column_name, c.address
    FROM operator_max_magnitudes e JOIN blocks b ON b.number = e.block_number
    CROSS JOIN LATERAL (VALUES ('operator', e.operator), ('strategy', e.strategy)) c (column_name, address)
    WHERE b.block_time < $1::date AND ($2::date IS NULL OR (e.block_number >= $4::bigint AND b.block_time >= $2::date))
) e
WHERE NOT (octet_length(e.address) = 42 AND starts_with(e.address, '0x') AND substr(e.address, 3) !~ '[^0-9a-f]')
ORDER BY e.source_table, key, reason
LIMIT 20
