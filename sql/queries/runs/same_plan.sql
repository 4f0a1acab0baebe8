-- Purpose: whether a run was planned like this. Parameters: $1 id, $2 plan. Columns: same.
SELECT coalesce(plan = $2, false) AS same FROM runs WHERE id = $1
