-- Purpose: delegations; an undelegation is a delegation to the zero address (spec/02 §3, Q17). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: staker, day, operator. Order: by key, then as they count.
SELECT e.staker, e.at::date AS day, e.operator
FROM staker_delegation_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY e.staker COLLATE "C", day, e.at, e.log_index
