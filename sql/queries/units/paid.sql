-- Purpose: what a run paid per token. Parameters: $1 run id. Columns: token, rows, amount text. Order: token. Locks: none.
SELECT p.key AS token, sum((p.value ->> 'rows')::bigint)::bigint AS rows, sum((p.value ->> 'amount')::numeric)::text AS amount
FROM units u CROSS JOIN LATERAL jsonb_each(u.paid) p WHERE u.run_id = $1 GROUP BY p.key ORDER BY p.key
