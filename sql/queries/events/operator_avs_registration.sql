-- Purpose: registrations of operators with AVSs (spec/02 §4). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: avs, operator, day, registered. Order: by key, then as they count.
SELECT e.avs, e.operator, e.at::date AS day, e.registered
FROM operator_avs_registration_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY e.avs COLLATE "C", e.operator COLLATE "C", day, e.at, e.log_index
