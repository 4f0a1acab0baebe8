-- Purpose: removes a run and everything it wrote. Parameters: $1 id. Columns: gold_rows, rewards. Locks: rows it wrote.
SELECT gold_rows, rewards FROM remove_run($1)
