-- Purpose: the parameters of amounts.sql, until the end of the transaction. Parameters: $1 E; $2 runs, as the text of an array;
-- $3 first, $4 last day they wrote, '' if they wrote none.
SELECT set_config('paydirt.root_last', $1, true), set_config('paydirt.root_pending', $2, true),
       set_config('paydirt.root_pending_first', $3, true), set_config('paydirt.root_pending_last', $4, true)
