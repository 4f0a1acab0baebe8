-- Purpose: forgets the newest run unless it is complete (spec/00 §5, purge at start-up): its transaction was rolled
-- back, so it left no rows. Parameters: none. Columns: cutoff, status. Locks: rows of runs.
DELETE FROM runs WHERE id = (SELECT max(id) FROM runs) AND status <> 'complete'
RETURNING to_char(cutoff, 'YYYY-MM-DD') AS cutoff, status
