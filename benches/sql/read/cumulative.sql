-- Purpose: what everybody has earned of every token, as for a root (spec/05 §1). Parameters: none. Columns: pairs.
SELECT count(*) AS pairs FROM (SELECT earner, token, sum(amount) AS amount FROM gold_table GROUP BY earner, token) sums
