-- Purpose: what everybody has earned of every token, as for a root (spec/05 §1). Parameters: none. Columns: groups, and a sum over
-- what was asked for: the server does not compute what nobody looks at.
SELECT count(*) AS groups, sum(sums.amount)::text AS check FROM (
    SELECT earner, token, sum(amount) AS amount FROM gold_table GROUP BY earner, token
) sums
