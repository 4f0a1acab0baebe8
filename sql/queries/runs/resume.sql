-- Purpose: a run that had not finished goes on. Parameters: $1 id.
UPDATE runs SET status = 'processing', finished_at = NULL, error = NULL WHERE id = $1
