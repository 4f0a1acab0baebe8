-- Purpose: maximum magnitudes after slashes (spec/02 §6). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: operator, strategy, day, max_magnitude. Order: by key, then as they count.
SELECT e.operator, e.strategy, e.at::date AS day, e.max_magnitude
FROM operator_max_magnitude_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY e.operator COLLATE "C", e.strategy COLLATE "C", day, e.block_number, e.log_index
