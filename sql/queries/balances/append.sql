-- Purpose: includes runs in the balances, with one pass over their rows. Tokens have numbers already.
-- Parameters: $1 the runs; $2 first, $3 last day they wrote, NULL if they wrote none. Locks: rows of gold_balances_size.
-- The first rows there are need not be replaced by their sums: they are sums.
WITH balanced AS (
    INSERT INTO gold_balanced_runs (run_id) SELECT unnest($1::integer[])
), appended AS (
    INSERT INTO gold_balances (earner, token, gold_rows, amount)
    SELECT g.earner, t.id, count(*), sum(g.amount)
    FROM gold_rows g
    JOIN gold_rewards r ON r.id = g.reward
    JOIN gold_tokens t ON t.token = r.token
    WHERE g.run_id = ANY($1::integer[]) AND g.snapshot BETWEEN $2::date AND $3::date
    GROUP BY g.earner, t.id
    RETURNING 1
), size AS (
    SELECT count(*) AS appended FROM appended
)
UPDATE gold_balances_size s
SET appended = CASE WHEN s.compacted + s.appended > 0 THEN s.appended + z.appended ELSE 0 END,
    compacted = CASE WHEN s.compacted + s.appended > 0 THEN s.compacted ELSE z.appended END
FROM size z
