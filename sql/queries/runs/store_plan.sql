-- Purpose: the plan of a run. Parameters: $1 id, $2 plan.
UPDATE runs SET plan = $2 WHERE id = $1
