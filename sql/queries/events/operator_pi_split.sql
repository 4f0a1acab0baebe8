-- Purpose: splits of operators for programmatic incentives by activation (spec/02 §3). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: operator, day, split. Order: by key, then as they count.
SELECT e.operator, e.at::date AS day, e.split
FROM operator_pi_split_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY e.operator COLLATE "C", day, e.at, e.block_time, e.log_index
