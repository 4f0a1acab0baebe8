-- Purpose: a run failed. Parameters: $1 id, $2 message.
UPDATE runs SET status = 'failed', finished_at = clock_timestamp(), error = $2 WHERE id = $1
