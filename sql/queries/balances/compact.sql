-- Purpose: replaces the rows of gold_balances by their sums, if more than $1 times as many were appended since the last time as it
-- left. Readers see those or these. Parameters: $1 how many times. Locks: the rows that go.
WITH due AS MATERIALIZED (
    SELECT s.one FROM gold_balances_size s WHERE s.appended > s.compacted * $1::bigint
), gone AS (
    DELETE FROM gold_balances WHERE EXISTS (SELECT FROM due) RETURNING earner, token, gold_rows, amount
), sums AS (
    INSERT INTO gold_balances (earner, token, gold_rows, amount)
    SELECT o.earner, o.token, sum(o.gold_rows), sum(o.amount)
    FROM gone o
    GROUP BY o.earner, o.token
    HAVING sum(o.gold_rows) <> 0 OR sum(o.amount) <> 0
    RETURNING 1
)
UPDATE gold_balances_size s SET compacted = (SELECT count(*) FROM sums), appended = 0
WHERE s.one IN (SELECT d.one FROM due d)
