-- Purpose: validity ranges (design D3) and the silver relations of spec/02 as views and functions over them.
-- Search path: paydirt's schema, then the source schema.
-- A range [valid_from, valid_to) says that a value holds on those snapshots; valid_to is NULL while it is open.
-- silver_state.cutoff is the D of the last run; views end where spec/02 §7 says (D or D − 1).
-- Functions over the indexer's tables are bound late on purpose: views would keep the indexer from changing its tables.

-- up
CREATE TABLE silver_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    chain    text NOT NULL,
    cutoff   date NOT NULL
);

CREATE TABLE quarantine (
    reward_hash  text PRIMARY KEY,
    source_table text NOT NULL,
    reason       text NOT NULL,
    cutoff       date NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE quarantine IS 'Submissions that runs leave out, with the reason. Delete a row to let the submission count again.';

CREATE TABLE staker_share_ranges (
    staker text NOT NULL, strategy text NOT NULL, shares numeric NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (strategy, staker, valid_from)
);
CREATE TABLE operator_share_ranges (
    operator text NOT NULL, strategy text NOT NULL, shares numeric NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (strategy, operator, valid_from)
);
CREATE TABLE staker_delegation_ranges (
    staker text NOT NULL, operator text NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (operator, staker, valid_from)
);
CREATE TABLE operator_avs_split_ranges (
    operator text NOT NULL, avs text NOT NULL, split integer NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator, valid_from)
);
CREATE TABLE operator_pi_split_ranges (
    operator text NOT NULL, split integer NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (operator, valid_from)
);
CREATE TABLE operator_set_split_ranges (
    operator text NOT NULL, avs text NOT NULL, operator_set_id bigint NOT NULL, split integer NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator_set_id, operator, valid_from)
);
CREATE TABLE default_operator_split_ranges (
    split integer NOT NULL,
    valid_from date NOT NULL PRIMARY KEY, valid_to date
);
CREATE TABLE operator_avs_registration_ranges (
    avs text NOT NULL, operator text NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator, valid_from)
);
CREATE TABLE operator_set_operator_registration_ranges (
    operator text NOT NULL, avs text NOT NULL, operator_set_id bigint NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator_set_id, operator, valid_from)
);
CREATE TABLE operator_set_strategy_registration_ranges (
    strategy text NOT NULL, avs text NOT NULL, operator_set_id bigint NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator_set_id, strategy, valid_from)
);
CREATE TABLE operator_avs_strategy_ranges (
    operator text NOT NULL, avs text NOT NULL, strategy text NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator, strategy, valid_from)
);
CREATE TABLE operator_allocation_ranges (
    operator text NOT NULL, avs text NOT NULL, strategy text NOT NULL, operator_set_id bigint NOT NULL,
    magnitude numeric NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (avs, operator_set_id, operator, strategy, valid_from)
);
CREATE TABLE operator_max_magnitude_ranges (
    operator text NOT NULL, strategy text NOT NULL, max_magnitude numeric NOT NULL,
    valid_from date NOT NULL, valid_to date,
    PRIMARY KEY (operator, strategy, valid_from)
);

-- A refresh computes the ranges of a relation anew and writes only what differs: unchanged rows are not touched, and
-- readers are not blocked. Relation names come from the caller's closed list and are quoted.
CREATE FUNCTION begin_fresh_ranges(relation text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TEMP TABLE fresh_ranges (LIKE %I) ON COMMIT DROP', relation);
END
$$;

CREATE FUNCTION apply_fresh_ranges(relation text, OUT removed bigint, OUT added bigint)
LANGUAGE plpgsql AS $$
BEGIN
    ANALYZE fresh_ranges;
    EXECUTE format('DELETE FROM %I old WHERE NOT EXISTS (SELECT FROM fresh_ranges fresh WHERE fresh::text = old::text)',
                   relation);
    GET DIAGNOSTICS removed = ROW_COUNT;
    EXECUTE format('INSERT INTO %1$I SELECT fresh.* FROM fresh_ranges fresh '
                   'WHERE NOT EXISTS (SELECT FROM %1$I old WHERE old::text = fresh::text)', relation);
    GET DIAGNOSTICS added = ROW_COUNT;
    DROP TABLE fresh_ranges;
END
$$;

-- spec/02 §3, L = D
CREATE VIEW staker_share_snapshots AS
SELECT r.staker, r.strategy, r.shares, d.snapshot::date AS snapshot
FROM silver_state s
JOIN staker_share_ranges r ON r.valid_from <= s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW operator_share_snapshots AS
SELECT r.operator, r.strategy, r.shares, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_share_ranges r ON r.valid_from <= s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff)::timestamp, '1 day') AS d (snapshot);

-- spec/02 §3, L = D − 1
CREATE VIEW staker_delegation_snapshots AS
SELECT r.staker, r.operator, d.snapshot::date AS snapshot
FROM silver_state s
JOIN staker_delegation_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW operator_avs_split_snapshots AS
SELECT r.operator, r.avs, r.split, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_avs_split_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW operator_pi_split_snapshots AS
SELECT r.operator, r.split, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_pi_split_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW operator_set_split_snapshots AS
SELECT r.operator, r.avs, r.operator_set_id, r.split, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_set_split_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW default_operator_split_snapshots AS
SELECT r.split, d.snapshot::date AS snapshot
FROM silver_state s
JOIN default_operator_split_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

-- spec/02 §4
CREATE VIEW operator_avs_registration_snapshots AS
SELECT r.avs, r.operator, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_avs_registration_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW operator_set_operator_registration_snapshots AS
SELECT r.operator, r.avs, r.operator_set_id, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_set_operator_registration_ranges r ON r.valid_from < s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff - 1)::timestamp, '1 day') AS d (snapshot);

CREATE VIEW operator_set_strategy_registration_snapshots AS
SELECT r.strategy, r.avs, r.operator_set_id, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_set_strategy_registration_ranges r ON r.valid_from <= s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff)::timestamp, '1 day') AS d (snapshot);

-- spec/02 §5: closed ranges, no cutoff
CREATE VIEW operator_avs_strategy_snapshots AS
SELECT r.operator, r.avs, r.strategy, d.snapshot::date AS snapshot
FROM operator_avs_strategy_ranges r
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, (r.valid_to - 1)::timestamp, '1 day') AS d (snapshot);

-- spec/02 §6: an operator without a max magnitude has 10^18
CREATE VIEW operator_allocation_snapshots AS
SELECT r.operator, r.avs, r.strategy, r.operator_set_id, r.magnitude,
       coalesce(m.max_magnitude, 1000000000000000000) AS max_magnitude, d.snapshot::date AS snapshot
FROM silver_state s
JOIN operator_allocation_ranges r ON r.valid_from <= s.cutoff
CROSS JOIN LATERAL generate_series(r.valid_from::timestamp, least(r.valid_to - 1, s.cutoff)::timestamp, '1 day') AS d (snapshot)
LEFT JOIN operator_max_magnitude_ranges m
       ON m.operator = r.operator AND m.strategy = r.strategy
      AND m.valid_from <= d.snapshot AND (m.valid_to IS NULL OR d.snapshot < m.valid_to);

-- spec/02 §1: submissions joined with their block
CREATE FUNCTION combined_rewards_at(cutoff date)
RETURNS TABLE (avs text, reward_hash text, token text, amount numeric, strategy text, strategy_index integer,
               multiplier numeric(78, 0), start_timestamp timestamp, end_timestamp timestamp, duration integer,
               block_number bigint, block_time timestamp, block_date text, reward_type text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT r.avs, r.reward_hash, r.token, r.amount, r.strategy, r.strategy_index, r.multiplier, r.start_timestamp,
           r.end_timestamp, r.duration::integer, r.block_number, b.block_time, to_char(b.block_time, 'YYYY-MM-DD'),
           r.reward_type
    FROM reward_submissions r
    JOIN blocks b ON b.number = r.block_number
    WHERE b.block_time < combined_rewards_at.cutoff
      AND NOT EXISTS (SELECT FROM quarantine q WHERE q.reward_hash = r.reward_hash)
$$;

CREATE FUNCTION operator_directed_rewards_at(cutoff date)
RETURNS TABLE (avs text, reward_hash text, token text, operator text, operator_index integer, amount numeric,
               strategy text, strategy_index integer, multiplier numeric(78, 0), start_timestamp timestamp,
               end_timestamp timestamp, duration bigint, block_number bigint, block_time timestamp, block_date text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT r.avs, r.reward_hash, r.token, r.operator, r.operator_index, r.amount, r.strategy, r.strategy_index,
           r.multiplier, r.start_timestamp, r.end_timestamp, r.duration, r.block_number, b.block_time,
           to_char(b.block_time, 'YYYY-MM-DD')
    FROM operator_directed_reward_submissions r
    JOIN blocks b ON b.number = r.block_number
    WHERE b.block_time < operator_directed_rewards_at.cutoff
      AND NOT EXISTS (SELECT FROM quarantine q WHERE q.reward_hash = r.reward_hash)
$$;

CREATE FUNCTION operator_directed_operator_set_rewards_at(cutoff date)
RETURNS TABLE (avs text, operator_set_id bigint, reward_hash text, token text, operator text, operator_index integer,
               amount numeric, strategy text, strategy_index integer, multiplier numeric(78, 0),
               start_timestamp timestamp, end_timestamp timestamp, duration bigint, block_number bigint,
               block_time timestamp, block_date text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT r.avs, r.operator_set_id, r.reward_hash, r.token, r.operator, r.operator_index, r.amount, r.strategy,
           r.strategy_index, r.multiplier, r.start_timestamp, r.end_timestamp, r.duration, r.block_number,
           b.block_time, to_char(b.block_time, 'YYYY-MM-DD')
    FROM operator_directed_operator_set_reward_submissions r
    JOIN blocks b ON b.number = r.block_number
    WHERE b.block_time < operator_directed_operator_set_rewards_at.cutoff
      AND NOT EXISTS (SELECT FROM quarantine q WHERE q.reward_hash = r.reward_hash)
$$;

CREATE FUNCTION stake_operator_set_rewards_at(cutoff date)
RETURNS TABLE (avs text, operator_set_id bigint, reward_hash text, token text, amount numeric, strategy text,
               strategy_index integer, multiplier numeric(78, 0), start_timestamp timestamp, end_timestamp timestamp,
               duration bigint, reward_type text, block_number bigint, block_time timestamp, block_date text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT r.avs, r.operator_set_id, r.reward_hash, r.token, r.amount, r.strategy, r.strategy_index, r.multiplier,
           r.start_timestamp, r.end_timestamp, r.duration, r.reward_type, r.block_number, b.block_time,
           to_char(b.block_time, 'YYYY-MM-DD')
    FROM (
        SELECT u.avs, u.operator_set_id, u.reward_hash, u.token, u.amount, u.strategy, u.strategy_index, u.multiplier,
               u.start_timestamp, u.end_timestamp, u.duration, 'unique_stake'::text AS reward_type, u.block_number
        FROM unique_stake_reward_submissions u
        UNION ALL
        SELECT t.avs, t.operator_set_id, t.reward_hash, t.token, t.amount, t.strategy, t.strategy_index, t.multiplier,
               t.start_timestamp, t.end_timestamp, t.duration, 'total_stake'::text, t.block_number
        FROM total_stake_reward_submissions t
    ) r
    JOIN blocks b ON b.number = r.block_number
    WHERE b.block_time < stake_operator_set_rewards_at.cutoff
      AND NOT EXISTS (SELECT FROM quarantine q WHERE q.reward_hash = r.reward_hash)
$$;

-- spec/02 §2: running shares; rows with equal (block_time, log_index) are peers, one of them per unique key remains
CREATE FUNCTION staker_shares_at(cutoff date)
RETURNS TABLE (staker text, strategy text, shares numeric, strategy_index bigint, transaction_hash text,
               log_index bigint, block_time timestamp, block_date text, block_number bigint)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT DISTINCT ON (w.staker, w.strategy, w.transaction_hash, w.log_index, w.block_number)
           w.staker, w.strategy, w.shares, w.strategy_index, w.transaction_hash, w.log_index, w.block_time,
           w.block_date, w.block_number
    FROM (
        SELECT e.staker, e.strategy,
               sum(e.shares) OVER (PARTITION BY e.staker, e.strategy ORDER BY e.block_time, e.log_index) AS shares,
               e.strategy_index, e.transaction_hash, e.log_index, e.block_time, e.block_date, e.block_number
        FROM staker_share_deltas e
        WHERE e.block_date < to_char(staker_shares_at.cutoff, 'YYYY-MM-DD')
    ) w
    ORDER BY w.staker, w.strategy, w.transaction_hash, w.log_index, w.block_number, w.strategy_index
$$;

CREATE FUNCTION operator_shares_at(cutoff date)
RETURNS TABLE (operator text, strategy text, shares numeric, transaction_hash text, log_index bigint,
               block_time timestamp, block_date text, block_number bigint)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT DISTINCT ON (w.operator, w.strategy, w.transaction_hash, w.log_index, w.block_number)
           w.operator, w.strategy, w.shares, w.transaction_hash, w.log_index, w.block_time, w.block_date,
           w.block_number
    FROM (
        SELECT e.operator, e.strategy,
               sum(e.shares) OVER (PARTITION BY e.operator, e.strategy ORDER BY e.block_time, e.log_index) AS shares,
               e.transaction_hash, e.log_index, e.block_time, e.block_date, e.block_number
        FROM operator_share_deltas e
        WHERE e.block_date < to_char(operator_shares_at.cutoff, 'YYYY-MM-DD')
    ) w
    ORDER BY w.operator, w.strategy, w.transaction_hash, w.log_index, w.block_number
$$;

CREATE VIEW combined_rewards AS
SELECT r.* FROM silver_state s CROSS JOIN LATERAL combined_rewards_at(s.cutoff) r;
CREATE VIEW operator_directed_rewards AS
SELECT r.* FROM silver_state s CROSS JOIN LATERAL operator_directed_rewards_at(s.cutoff) r;
CREATE VIEW operator_directed_operator_set_rewards AS
SELECT r.* FROM silver_state s CROSS JOIN LATERAL operator_directed_operator_set_rewards_at(s.cutoff) r;
CREATE VIEW stake_operator_set_rewards AS
SELECT r.* FROM silver_state s CROSS JOIN LATERAL stake_operator_set_rewards_at(s.cutoff) r;
CREATE VIEW staker_shares AS
SELECT r.* FROM silver_state s CROSS JOIN LATERAL staker_shares_at(s.cutoff) r;
CREATE VIEW operator_shares AS
SELECT r.* FROM silver_state s CROSS JOIN LATERAL operator_shares_at(s.cutoff) r;

-- down
DROP FUNCTION apply_fresh_ranges, begin_fresh_ranges;
DROP VIEW operator_shares, staker_shares, stake_operator_set_rewards, operator_directed_operator_set_rewards,
          operator_directed_rewards, combined_rewards;
DROP FUNCTION operator_shares_at, staker_shares_at, stake_operator_set_rewards_at,
              operator_directed_operator_set_rewards_at, operator_directed_rewards_at, combined_rewards_at;
DROP VIEW operator_allocation_snapshots, operator_avs_strategy_snapshots,
          operator_set_strategy_registration_snapshots, operator_set_operator_registration_snapshots,
          operator_avs_registration_snapshots, default_operator_split_snapshots, operator_set_split_snapshots,
          operator_pi_split_snapshots, operator_avs_split_snapshots, staker_delegation_snapshots,
          operator_share_snapshots, staker_share_snapshots;
DROP TABLE operator_max_magnitude_ranges, operator_allocation_ranges, operator_avs_strategy_ranges,
           operator_set_strategy_registration_ranges, operator_set_operator_registration_ranges,
           operator_avs_registration_ranges, default_operator_split_ranges, operator_set_split_ranges,
           operator_pi_split_ranges, operator_avs_split_ranges, staker_delegation_ranges, operator_share_ranges,
           staker_share_ranges, quarantine, silver_state;
