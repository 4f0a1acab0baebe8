-- Purpose: the rows of a reference's gold_table (first on the search path) that it had by D: later runs paid only days after
-- its watermarks then, among them earlier days of submissions that came late or whose gate opened. Parameters: the temp
-- table reference_watermarks. Columns: those of gold_table. Locks: none beyond its own temp view.
CREATE TEMP VIEW reference_gold AS
SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount
FROM gold_table g
JOIN pg_temp.reference_watermarks w ON w.reward_hash = g.reward_hash AND g.snapshot <= w.last_snapshot
