-- Purpose: delegations; an undelegation is a delegation to the zero address (spec/02 §3, Q17). Locks: none.
-- Parameters: refresh_window, carried_ranges, touched_keys. Columns: staker, day, operator. Order: staker, then as the events happened.
SELECT staker, day, operator
FROM (
    SELECT e.staker, e.at::date AS day, e.operator,
           e.at, e.block_time, e.block_number, e.log_index
    FROM staker_delegation_events() e
    WHERE e.at >= (SELECT w.since FROM refresh_window w) AND e.at < (SELECT w.before FROM refresh_window w)
      AND ((SELECT NOT w.touched_only FROM refresh_window w) OR EXISTS (SELECT FROM touched_keys k WHERE k.staker = e.staker))
    UNION ALL
    SELECT r.staker, r.valid_from - 1, r.operator, NULL, NULL, NULL, NULL
    FROM carried_ranges r
) records
ORDER BY staker, day, at, log_index
