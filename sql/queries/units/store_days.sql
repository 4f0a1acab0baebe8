-- Purpose: stores what the rows of a unit are, day by day. Parameters: $1 run id, $2 unit, $3 snapshots, $4 rows, $5 contents
-- as text. Locks: rows of unit_days.
INSERT INTO unit_days (run_id, unit, snapshot, gold_rows, content)
SELECT $1, $2, d.snapshot, d.gold_rows, d.content::numeric
FROM unnest($3::date[], $4::bigint[], $5::text[]) AS d (snapshot, gold_rows, content)
