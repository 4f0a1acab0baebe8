-- Purpose: a run is complete, in the transaction that shows its rows. Parameters: $1 id, $2 rows.
UPDATE runs SET status = 'complete', finished_at = clock_timestamp(), gold_rows = $2 WHERE id = $1
