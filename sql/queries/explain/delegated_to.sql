-- Purpose: whom a staker is delegated to on a day; not the zero address (Q17). Source: silver, or an indexer's daily tables of the
-- same name. Parameters: $1 staker, $2 snapshot. Columns: operator. Order: operator. Locks: none.
SELECT s.operator FROM staker_delegation_snapshots s
WHERE s.staker = $1 AND s.snapshot = $2 AND s.operator <> '0x0000000000000000000000000000000000000000'
ORDER BY s.operator COLLATE "C"
