//! A small source in which nothing is wrong: one row in each table, two strategies in each submission.

/// Statements that fill the tables on the search path. Addresses are `a('x')`, hashes `h('x')`: the digit, repeated.
pub const CLEAN: &str = "
CREATE FUNCTION pg_temp.a(digit text) RETURNS text LANGUAGE sql AS $$ SELECT '0x' || repeat(digit, 40) $$;
CREATE FUNCTION pg_temp.h(digit text) RETURNS text LANGUAGE sql AS $$ SELECT '0x' || repeat(digit, 64) $$;
SET datestyle TO iso;
INSERT INTO blocks (number, hash, block_time) VALUES
    (1, pg_temp.h('1'), '2025-01-10 12:00:00'), (2, pg_temp.h('2'), '2025-01-11 12:00:00');
INSERT INTO reward_submissions (avs, reward_hash, token, amount, strategy, strategy_index, multiplier, start_timestamp,
    end_timestamp, duration, reward_type, block_number, transaction_hash, log_index)
SELECT pg_temp.a('a'), pg_temp.h('1'), pg_temp.a('c'), 99999999999999999999999999999999999999, pg_temp.a(i::text), i,
       repeat('9', 78)::numeric, '2025-01-01', '2025-01-08', 604800, 'avs', 1, pg_temp.h('f'), 1
FROM generate_series(0, 1) i;
INSERT INTO operator_directed_reward_submissions (avs, reward_hash, token, operator, operator_index, amount, strategy,
    strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number, transaction_hash, log_index)
SELECT pg_temp.a('a'), pg_temp.h('2'), pg_temp.a('c'), pg_temp.a((o + 5)::text), o, 100 + o, pg_temp.a(i::text), i, 0,
       '2025-01-01', '2025-01-08', 604800, 1, pg_temp.h('f'), 2
FROM generate_series(0, 1) o, generate_series(0, 1) i;
INSERT INTO operator_directed_operator_set_reward_submissions (avs, operator_set_id, reward_hash, token, operator,
    operator_index, amount, strategy, strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number,
    transaction_hash, log_index, description)
SELECT pg_temp.a('a'), 0, pg_temp.h('3'), pg_temp.a('c'), pg_temp.a((o + 5)::text), o, 100 + o, pg_temp.a(i::text), i, 1,
       '2025-01-01', '2025-01-08', 604800, 1, pg_temp.h('f'), 3, ''
FROM generate_series(0, 1) o, generate_series(0, 1) i;
INSERT INTO unique_stake_reward_submissions (avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index,
    multiplier, start_timestamp, end_timestamp, duration, block_number, transaction_hash, log_index)
SELECT pg_temp.a('a'), 0, pg_temp.h('4'), pg_temp.a('c'), 0, pg_temp.a(i::text), i, 1, '2025-02-01', '2025-02-02', 86400,
       1, pg_temp.h('f'), 4
FROM generate_series(0, 1) i;
INSERT INTO total_stake_reward_submissions (avs, operator_set_id, reward_hash, token, amount, strategy, strategy_index,
    multiplier, start_timestamp, end_timestamp, duration, block_number, transaction_hash, log_index)
SELECT pg_temp.a('a'), 0, pg_temp.h('5'), pg_temp.a('c'), 1, pg_temp.a(i::text), i, 1, '2025-02-01', '2025-02-02', 86400,
       1, pg_temp.h('f'), 5
FROM generate_series(0, 1) i;
INSERT INTO avs_operator_state_changes (operator, avs, registered, block_number, log_index)
    VALUES (pg_temp.a('5'), pg_temp.a('a'), true, 1, 6);
INSERT INTO operator_restaked_strategies (block_number, operator, avs, strategy, block_time)
    VALUES (3600, pg_temp.a('5'), pg_temp.a('a'), '0xAbCdEf0000000000000000000000000000000001', '2025-01-10 13:00:00');
INSERT INTO staker_share_deltas (staker, strategy, shares, strategy_index, transaction_hash, log_index, block_time,
    block_date, block_number)
    VALUES (pg_temp.a('7'), pg_temp.a('0'), -5, 0, pg_temp.h('f'), 7, '2025-01-10 12:00:00', '2025-01-10', 1);
INSERT INTO operator_share_deltas (operator, strategy, shares, staker, transaction_hash, log_index, block_time,
    block_date, block_number)
    VALUES (pg_temp.a('5'), pg_temp.a('0'), 5, NULL, pg_temp.h('f'), 8, '2025-01-10 12:00:00', '2025-01-10', 1);
INSERT INTO staker_delegation_changes (staker, operator, delegated, block_number, log_index)
    VALUES (pg_temp.a('7'), pg_temp.a('5'), true, 1, 9);
INSERT INTO operator_avs_splits (operator, avs, activated_at, old_operator_avs_split_bips, new_operator_avs_split_bips,
    block_number, transaction_hash, log_index)
    VALUES (pg_temp.a('5'), pg_temp.a('a'), '2025-01-20', -1, 0, 1, pg_temp.h('f'), 10);
INSERT INTO operator_pi_splits (operator, activated_at, old_operator_pi_split_bips, new_operator_pi_split_bips,
    block_number, transaction_hash, log_index)
    VALUES (pg_temp.a('5'), '2025-01-20', 70000, 10000, 1, pg_temp.h('f'), 11);
INSERT INTO operator_set_splits (operator, avs, operator_set_id, activated_at, old_operator_set_split_bips,
    new_operator_set_split_bips, block_number, transaction_hash, log_index)
    VALUES (pg_temp.a('5'), pg_temp.a('a'), 0, '2025-01-20', 1000, 500, 1, pg_temp.h('f'), 12);
INSERT INTO default_operator_splits (old_default_operator_split_bips, new_default_operator_split_bips, block_number,
    transaction_hash, log_index) VALUES (0, 1000, 1, pg_temp.h('f'), 13);
INSERT INTO operator_set_operator_registrations (operator, avs, operator_set_id, is_active, block_number,
    transaction_hash, log_index) VALUES (pg_temp.a('5'), pg_temp.a('a'), 0, true, 1, pg_temp.h('f'), 14);
INSERT INTO operator_set_strategy_registrations (strategy, avs, operator_set_id, is_active, block_number,
    transaction_hash, log_index) VALUES (pg_temp.a('0'), pg_temp.a('a'), 0, true, 1, pg_temp.h('f'), 15);
INSERT INTO operator_allocations (operator, strategy, magnitude, effective_block, operator_set_id, avs, block_number,
    transaction_hash, log_index)
    VALUES (pg_temp.a('5'), pg_temp.a('0'), 0, 9999, 0, pg_temp.a('a'), 1, pg_temp.h('f'), 16),
           (pg_temp.a('5'), pg_temp.a('0'), 1000000000000000000, 1, 0, pg_temp.a('a'), 1, pg_temp.h('f'), 17);
INSERT INTO operator_max_magnitudes (operator, strategy, max_magnitude, block_number, transaction_hash, log_index)
    VALUES (pg_temp.a('5'), pg_temp.a('0'), 1, 1, pg_temp.h('f'), 18),
           (pg_temp.a('5'), pg_temp.a('0'), 1000000000000000000, 1, pg_temp.h('f'), 19);
INSERT INTO excluded_addresses (address, network) VALUES (pg_temp.a('e'), 'mainnet');
";
