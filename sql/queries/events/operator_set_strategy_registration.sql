-- Purpose: registrations of strategies with operator sets (spec/02 §4, Q13). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: strategy, avs, operator_set_id, day, registered. Order: by key, then as they count.
SELECT e.strategy, e.avs, e.operator_set_id, e.at::date AS day, e.registered
FROM operator_set_strategy_registration_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY e.strategy COLLATE "C", e.avs COLLATE "C", e.operator_set_id, day, e.at, e.log_index
