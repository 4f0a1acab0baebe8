-- Purpose: what cumulative amounts per earner and token (spec/05 §1) are made of for the day before the newest complete cutoff: the balances,
-- and the rows of runs that are not in them, without the rows of days after E: a run with cutoff D = E + 1 writes some of D
-- (spec/00 Q5). Whoever reads adds them up: sorting and grouping here takes four times as long as sending.
-- Parameters, as settings because COPY takes none: paydirt.root_last E; paydirt.root_pending the complete runs that are not in the
-- balances, paydirt.root_pending_first and paydirt.root_pending_last the days they wrote, '' if they wrote none.
-- Columns: earner, token (tokens.sql); gold_rows; amount. A pair whose gold_rows add up to 0 is none. Order: none. Locks: none.
-- Settings are read in sub-selects: once, not row by row.
COPY (
WITH rewards AS MATERIALIZED (
    SELECT d.id, coalesce(k.id, -min(d.id) OVER (PARTITION BY d.token)) AS token
    FROM gold_rewards d
    LEFT JOIN gold_tokens k ON k.token = d.token
)
SELECT b.earner, b.token, b.gold_rows, b.amount FROM gold_balances b
UNION ALL
SELECT g.earner, r.token, 1::bigint, g.amount
FROM gold_rows g
JOIN rewards r ON r.id = g.reward
WHERE (SELECT current_setting('paydirt.root_pending') <> '{}')
  AND g.run_id = ANY((SELECT current_setting('paydirt.root_pending')::integer[])::integer[])
  AND g.snapshot >= (SELECT nullif(current_setting('paydirt.root_pending_first'), '')::date)
  AND g.snapshot <= (SELECT nullif(current_setting('paydirt.root_pending_last'), '')::date)
UNION ALL
SELECT g.earner, r.token, -1::bigint, -g.amount
FROM gold_rows g
JOIN rewards r ON r.id = g.reward
WHERE g.snapshot > (SELECT current_setting('paydirt.root_last')::date)
  AND g.run_id IN (SELECT c.id FROM runs c WHERE c.status = 'complete')
) TO STDOUT (FORMAT binary)
