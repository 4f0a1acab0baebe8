-- Purpose: which days gold has. Parameters: none. Columns: first, last. One row.
SELECT min(snapshot) AS first, max(snapshot) AS last FROM paydirt.gold_table
