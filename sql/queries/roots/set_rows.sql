-- Purpose: the parameters of rows.sql, until the end of the transaction. Parameters: $1 before, $2 last, $3 run; '' where there is none.
SELECT set_config('paydirt.root_before', $1, true), set_config('paydirt.root_last', $2, true), set_config('paydirt.root_run', $3, true)
