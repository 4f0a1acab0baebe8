-- Purpose: the chain and the mode of the runs so far, if there are any. Parameters: none. Columns: chain, mode. Locks: none.
SELECT chain, mode FROM runs LIMIT 1
