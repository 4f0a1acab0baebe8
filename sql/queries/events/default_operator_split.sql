-- Purpose: the default split, effective at once, at most 10000 bips (spec/02 §3, Q15). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: day, split. Order: by key, then as they count.
SELECT e.at::date AS day, e.split
FROM default_operator_split_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
ORDER BY day, e.at, e.log_index
