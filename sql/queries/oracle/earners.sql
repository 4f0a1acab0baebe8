-- Purpose: whom the oracle pays. Parameters: none. Columns: addresses. Locks: none.
SELECT coalesce(array_agg(DISTINCT earner), '{}') AS addresses FROM oracle_gold_22_staging
