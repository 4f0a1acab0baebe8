-- Purpose: the balances are so many sums, and these runs are in them too. Parameters: $1 the runs; $2 rows. Locks: the row of
-- gold_balances_size.
WITH balanced AS (
    INSERT INTO gold_balanced_runs (run_id) SELECT unnest($1::integer[])
)
UPDATE gold_balances_size SET compacted = $2::bigint, appended = 0
