-- Purpose: as what an address is known from an indexer's daily tables of the days before a cutoff. Search path: the source schema first.
-- Parameters: $1 address, $2 cutoff. Columns: staker, operator, avs. Locks: none.
SELECT EXISTS (SELECT FROM staker_share_snapshots s WHERE s.staker = $1 AND s.snapshot < $2::date)
       OR EXISTS (SELECT FROM staker_delegation_snapshots s WHERE s.staker = $1 AND s.snapshot < $2::date) AS staker,
       EXISTS (SELECT FROM operator_share_snapshots s WHERE s.operator = $1 AND s.snapshot < $2::date)
       OR EXISTS (SELECT FROM staker_delegation_snapshots s WHERE s.operator = $1 AND s.snapshot < $2::date)
       OR EXISTS (SELECT FROM operator_avs_registration_snapshots s WHERE s.operator = $1 AND s.snapshot < $2::date)
       OR EXISTS (SELECT FROM operator_set_operator_registration_snapshots s WHERE s.operator = $1 AND s.snapshot < $2::date)
       AS operator,
       EXISTS (SELECT FROM operator_avs_registration_snapshots s WHERE s.avs = $1 AND s.snapshot < $2::date)
       OR EXISTS (SELECT FROM operator_set_operator_registration_snapshots s WHERE s.avs = $1 AND s.snapshot < $2::date) AS avs
