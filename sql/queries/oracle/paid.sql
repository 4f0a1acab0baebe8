-- Purpose: what the oracle pays per token. Parameters: none. Columns: token, rows, amount text. Order: token.
SELECT token, count(*) AS rows, sum(amount)::text AS amount FROM oracle_gold_22_staging GROUP BY token ORDER BY token
