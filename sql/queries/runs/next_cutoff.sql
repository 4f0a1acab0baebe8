-- Purpose: the run with the smallest cutoff at or after a date (spec/00 §5 item 3, Q23). Parameters: $1 cutoff.
-- Columns: cutoff, status. Locks: none.
SELECT cutoff, status FROM runs WHERE cutoff >= $1 ORDER BY cutoff LIMIT 1
