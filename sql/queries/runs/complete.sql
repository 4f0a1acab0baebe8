-- Purpose: a run is complete: this shows its rows. Parameters: $1 id, $2 rows.
UPDATE runs SET status = 'complete', finished_at = clock_timestamp(), gold_rows = $2, error = NULL
WHERE id = $1 AND NOT EXISTS (SELECT FROM units u WHERE u.run_id = $1 AND u.status <> 'done')
