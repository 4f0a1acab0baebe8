-- Purpose: what had been set aside when a run ended. Parameters: $1 its cutoff. Columns: as listed. Order: none.
SELECT reward_hash, source_table, reason, cutoff FROM quarantine WHERE cutoff <= $1
