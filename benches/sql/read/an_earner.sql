-- Purpose: an earner with rows, the same in every database. Parameters: none. Columns: earner.
SELECT max(earner) AS earner FROM gold_table WHERE snapshot = (SELECT max(snapshot) FROM gold_table)
