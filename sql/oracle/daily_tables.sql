-- Purpose: stands in for the twelve files silver_04…08, 10…12 and 14…17 when daily state is taken from the tables of the
--          same names that an indexer keeps (`--source snapshots`), instead of from its events.
-- Spec:    spec/02 §7 (the relations and the last day of each at D); the values are whatever the indexer stored, also for
--          later days, which are left out
-- Inputs:  the twelve *_snapshots tables, oracle_run
-- Columns: as in the files it stands in for
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_operator_avs_registration_snapshots ON COMMIT DROP AS
SELECT avs, operator, snapshot::date AS snapshot FROM operator_avs_registration_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_avs_strategy_snapshots ON COMMIT DROP AS
SELECT operator, avs, strategy, snapshot::date AS snapshot FROM operator_avs_strategy_snapshots;
CREATE TEMP TABLE oracle_operator_share_snapshots ON COMMIT DROP AS
SELECT operator, strategy, shares, snapshot::date AS snapshot FROM operator_share_snapshots
 WHERE snapshot::date <= (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_staker_share_snapshots ON COMMIT DROP AS
SELECT staker, strategy, shares, snapshot::date AS snapshot FROM staker_share_snapshots
 WHERE snapshot::date <= (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_staker_delegation_snapshots ON COMMIT DROP AS
SELECT staker, operator, snapshot::date AS snapshot FROM staker_delegation_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_avs_split_snapshots ON COMMIT DROP AS
SELECT operator, avs, split::int4 AS split, snapshot::date AS snapshot FROM operator_avs_split_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_pi_split_snapshots ON COMMIT DROP AS
SELECT operator, split::int4 AS split, snapshot::date AS snapshot FROM operator_pi_split_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_default_operator_split_snapshots ON COMMIT DROP AS
SELECT split::int4 AS split, snapshot::date AS snapshot FROM default_operator_split_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_set_split_snapshots ON COMMIT DROP AS
SELECT operator, avs, operator_set_id::int8 AS operator_set_id, split::int4 AS split, snapshot::date AS snapshot
  FROM operator_set_split_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_set_operator_registration_snapshots ON COMMIT DROP AS
SELECT operator, avs, operator_set_id::int8 AS operator_set_id, snapshot::date AS snapshot
  FROM operator_set_operator_registration_snapshots
 WHERE snapshot::date < (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_set_strategy_registration_snapshots ON COMMIT DROP AS
SELECT strategy, avs, operator_set_id::int8 AS operator_set_id, snapshot::date AS snapshot
  FROM operator_set_strategy_registration_snapshots
 WHERE snapshot::date <= (SELECT cutoff FROM oracle_run);
CREATE TEMP TABLE oracle_operator_allocation_snapshots ON COMMIT DROP AS
SELECT operator, avs, strategy, operator_set_id::int8 AS operator_set_id, magnitude, max_magnitude,
       snapshot::date AS snapshot
  FROM operator_allocation_snapshots
 WHERE snapshot::date <= (SELECT cutoff FROM oracle_run);
ANALYZE oracle_operator_avs_registration_snapshots, oracle_operator_avs_strategy_snapshots,
        oracle_operator_share_snapshots, oracle_staker_share_snapshots, oracle_staker_delegation_snapshots,
        oracle_operator_avs_split_snapshots, oracle_operator_pi_split_snapshots,
        oracle_default_operator_split_snapshots, oracle_operator_set_split_snapshots,
        oracle_operator_set_operator_registration_snapshots, oracle_operator_set_strategy_registration_snapshots,
        oracle_operator_allocation_snapshots;
