-- Purpose: the chain of the runs so far, if there are any. Parameters: none. Columns: chain. Locks: none.
SELECT chain FROM runs LIMIT 1
