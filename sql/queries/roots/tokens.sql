-- Purpose: the texts of tokens as rows.sql numbers them. Parameters: none. Columns: id, token. Order: none. Locks: none.
SELECT min(d.id) AS id, d.token FROM gold_rewards d GROUP BY d.token
