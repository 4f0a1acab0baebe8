-- Purpose: a run that had not finished goes on. Parameters: $1 id. Columns: attempt.
UPDATE runs SET status = 'processing', finished_at = NULL, error = NULL, attempt = attempt + 1 WHERE id = $1
RETURNING attempt
