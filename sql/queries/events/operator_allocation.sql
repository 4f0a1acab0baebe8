-- Purpose: magnitudes by the block they take effect in (spec/02 §6); without that block a row does not count (U9). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: operator, avs, strategy, operator_set_id, day, magnitude. Order: by key, then as they count.
SELECT e.operator, e.avs, e.strategy, e.operator_set_id, e.at::date AS day, e.magnitude
FROM operator_allocation_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY e.operator COLLATE "C", e.avs COLLATE "C", e.strategy COLLATE "C", e.operator_set_id, day, e.block_number, e.log_index
