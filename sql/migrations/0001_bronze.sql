-- Purpose: the indexer's tables (spec/01), for a database that has none. Search path: the source schema.
-- No foreign keys to blocks: files come in any order, and samples of restaked strategies may refer to blocks that are not
-- listed; missing blocks are found before a run. Beyond the keys there are three indexes, for the reads by time of
-- events/staker_share_ranges.sql, events/operator_share_ranges.sql and runs/newest_block.sql. Restaked strategies have none:
-- they are read whole (Q14). excluded_addresses stays empty: the list is input like everything else, and the shared
-- cases were computed without it (mainnet-amazon-nile pays an address that is on it). fixtures/mainnet has the list.

-- up
CREATE TABLE blocks (
    number bigint NOT NULL,
    hash text NOT NULL,
    parent_hash text,
    block_time timestamp NOT NULL,
    created_at timestamp,
    updated_at timestamp,
    deleted_at timestamp,
    PRIMARY KEY (number)
);

CREATE TABLE reward_submissions (
    avs text NOT NULL,
    reward_hash text NOT NULL,
    token text NOT NULL,
    amount numeric NOT NULL,
    strategy text NOT NULL,
    strategy_index integer NOT NULL,
    multiplier numeric(78, 0) NOT NULL,
    start_timestamp timestamp NOT NULL,
    end_timestamp timestamp NOT NULL,
    duration bigint NOT NULL,
    is_for_all boolean NOT NULL DEFAULT false,
    reward_type text NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text,
    log_index bigint,
    UNIQUE (transaction_hash, log_index, block_number, reward_hash, strategy_index)
);

CREATE TABLE operator_directed_reward_submissions (
    avs text NOT NULL,
    reward_hash text NOT NULL,
    token text NOT NULL,
    operator text NOT NULL,
    operator_index integer NOT NULL,
    amount numeric NOT NULL,
    strategy text NOT NULL,
    strategy_index integer NOT NULL,
    multiplier numeric(78, 0) NOT NULL,
    start_timestamp timestamp NOT NULL,
    end_timestamp timestamp NOT NULL,
    duration bigint NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    description text,
    UNIQUE (transaction_hash, log_index, block_number, reward_hash, strategy_index, operator_index)
);

CREATE TABLE operator_directed_operator_set_reward_submissions (
    avs text NOT NULL,
    operator_set_id bigint NOT NULL,
    reward_hash text NOT NULL,
    token text NOT NULL,
    operator text NOT NULL,
    operator_index integer NOT NULL,
    amount numeric NOT NULL,
    strategy text NOT NULL,
    strategy_index integer NOT NULL,
    multiplier numeric(78, 0) NOT NULL,
    start_timestamp timestamp NOT NULL,
    end_timestamp timestamp NOT NULL,
    duration bigint NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    description text NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number, reward_hash, strategy_index, operator_index)
);

CREATE TABLE unique_stake_reward_submissions (
    avs text NOT NULL,
    operator_set_id bigint NOT NULL,
    reward_hash text NOT NULL,
    token text NOT NULL,
    amount numeric NOT NULL,
    strategy text NOT NULL,
    strategy_index integer NOT NULL,
    multiplier numeric(78, 0) NOT NULL,
    start_timestamp timestamp NOT NULL,
    end_timestamp timestamp NOT NULL,
    duration bigint NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number, reward_hash, strategy_index)
);

CREATE TABLE total_stake_reward_submissions (
    avs text NOT NULL,
    operator_set_id bigint NOT NULL,
    reward_hash text NOT NULL,
    token text NOT NULL,
    amount numeric NOT NULL,
    strategy text NOT NULL,
    strategy_index integer NOT NULL,
    multiplier numeric(78, 0) NOT NULL,
    start_timestamp timestamp NOT NULL,
    end_timestamp timestamp NOT NULL,
    duration bigint NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number, reward_hash, strategy_index)
);

CREATE TABLE avs_operator_state_changes (
    operator text NOT NULL,
    avs text NOT NULL,
    registered boolean NOT NULL,
    block_number bigint NOT NULL,
    log_index integer NOT NULL,
    created_at timestamptz,
    transaction_hash text,
    UNIQUE (operator, avs, block_number, log_index)
);

CREATE TABLE operator_restaked_strategies (
    block_number bigint NOT NULL,
    operator text NOT NULL,
    avs text NOT NULL,
    strategy text NOT NULL,
    block_time timestamp NOT NULL,
    avs_directory_address text,
    created_at timestamp,
    updated_at timestamp,
    deleted_at timestamp,
    UNIQUE (block_number, operator, avs, strategy)
);

CREATE TABLE staker_share_deltas (
    staker text NOT NULL,
    strategy text NOT NULL,
    shares numeric NOT NULL,
    strategy_index bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    block_time timestamp NOT NULL,
    block_date text NOT NULL,
    block_number bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number, staker, strategy, strategy_index)
);

CREATE TABLE operator_share_deltas (
    operator text NOT NULL,
    strategy text NOT NULL,
    shares numeric NOT NULL,
    staker text,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    block_time timestamp NOT NULL,
    block_date text NOT NULL,
    block_number bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number, operator, staker, strategy)
);

CREATE TABLE staker_delegation_changes (
    staker text NOT NULL,
    operator text NOT NULL,
    delegated boolean NOT NULL,
    block_number bigint NOT NULL,
    log_index integer NOT NULL,
    transaction_hash text,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_avs_splits (
    operator text NOT NULL,
    avs text NOT NULL,
    activated_at timestamp NOT NULL,
    old_operator_avs_split_bips integer NOT NULL,
    new_operator_avs_split_bips integer NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_pi_splits (
    operator text NOT NULL,
    activated_at timestamp NOT NULL,
    old_operator_pi_split_bips integer NOT NULL,
    new_operator_pi_split_bips integer NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_set_splits (
    operator text NOT NULL,
    avs text NOT NULL,
    operator_set_id bigint NOT NULL,
    activated_at timestamp NOT NULL,
    old_operator_set_split_bips integer NOT NULL,
    new_operator_set_split_bips integer NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE default_operator_splits (
    old_default_operator_split_bips integer NOT NULL,
    new_default_operator_split_bips integer NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_set_operator_registrations (
    operator text NOT NULL,
    avs text NOT NULL,
    operator_set_id bigint NOT NULL,
    is_active boolean NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_set_strategy_registrations (
    strategy text NOT NULL,
    avs text NOT NULL,
    operator_set_id bigint NOT NULL,
    is_active boolean NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_allocations (
    operator text NOT NULL,
    strategy text NOT NULL,
    magnitude numeric NOT NULL,
    effective_block bigint NOT NULL,
    operator_set_id bigint NOT NULL,
    avs text NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    effective_date date,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_max_magnitudes (
    operator text NOT NULL,
    strategy text NOT NULL,
    max_magnitude numeric NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE operator_sets (
    operator_set_id bigint NOT NULL,
    avs text NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (operator_set_id, avs)
);

CREATE TABLE excluded_addresses (
    address text NOT NULL,
    network text NOT NULL,
    description text,
    created_at timestamptz,
    updated_at timestamptz,
    deleted_at timestamptz,
    PRIMARY KEY (address)
);

CREATE TABLE submitted_distribution_roots (
    root text NOT NULL,
    root_index bigint NOT NULL,
    rewards_calculation_end timestamp NOT NULL,
    rewards_calculation_end_unit text NOT NULL,
    activated_at timestamp NOT NULL,
    activated_at_unit text NOT NULL,
    created_at_block_number bigint NOT NULL,
    block_number bigint NOT NULL,
    transaction_hash text,
    log_index bigint,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE disabled_distribution_roots (
    root_index bigint NOT NULL,
    log_index bigint NOT NULL,
    transaction_hash text NOT NULL,
    block_number bigint NOT NULL,
    UNIQUE (transaction_hash, log_index, block_number)
);

CREATE TABLE rewards_claimed (
    root text NOT NULL,
    earner text NOT NULL,
    claimer text NOT NULL,
    recipient text,
    token text NOT NULL,
    claimed_amount numeric NOT NULL,
    transaction_hash text NOT NULL,
    block_number bigint NOT NULL,
    log_index bigint NOT NULL,
    UNIQUE (transaction_hash, log_index)
);

CREATE INDEX blocks_block_time ON blocks (block_time);
CREATE INDEX staker_share_deltas_block_time ON staker_share_deltas (block_time);
CREATE INDEX operator_share_deltas_block_time ON operator_share_deltas (block_time);

-- down
-- Drops the tables only while all of them are empty: an indexer's data is not paydirt's to lose.
DO $$
DECLARE
    name     text;
    occupied boolean;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'blocks',
        'reward_submissions',
        'operator_directed_reward_submissions',
        'operator_directed_operator_set_reward_submissions',
        'unique_stake_reward_submissions',
        'total_stake_reward_submissions',
        'avs_operator_state_changes',
        'operator_restaked_strategies',
        'staker_share_deltas',
        'operator_share_deltas',
        'staker_delegation_changes',
        'operator_avs_splits',
        'operator_pi_splits',
        'operator_set_splits',
        'default_operator_splits',
        'operator_set_operator_registrations',
        'operator_set_strategy_registrations',
        'operator_allocations',
        'operator_max_magnitudes',
        'operator_sets',
        'excluded_addresses',
        'submitted_distribution_roots',
        'disabled_distribution_roots',
        'rewards_claimed'
    ] LOOP
        IF to_regclass(quote_ident(name)) IS NOT NULL THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO occupied;
            IF occupied THEN
                RAISE EXCEPTION 'table % is not empty; empty the indexer''s tables first if they are yours to drop', name;
            END IF;
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'blocks',
        'reward_submissions',
        'operator_directed_reward_submissions',
        'operator_directed_operator_set_reward_submissions',
        'unique_stake_reward_submissions',
        'total_stake_reward_submissions',
        'avs_operator_state_changes',
        'operator_restaked_strategies',
        'staker_share_deltas',
        'operator_share_deltas',
        'staker_delegation_changes',
        'operator_avs_splits',
        'operator_pi_splits',
        'operator_set_splits',
        'default_operator_splits',
        'operator_set_operator_registrations',
        'operator_set_strategy_registrations',
        'operator_allocations',
        'operator_max_magnitudes',
        'operator_sets',
        'excluded_addresses',
        'submitted_distribution_roots',
        'disabled_distribution_roots',
        'rewards_claimed'
    ] LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I', name);
    END LOOP;
END
$$;
