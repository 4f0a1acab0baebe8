-- Purpose: signed change of an operator's shares per day (spec/02 §2, §3). Locks: none.
-- Parameters: $1 the first day, $2 the day after the last (texts, also for infinite ones), $3 a block below which there is none of
-- these events. Columns: operator, strategy, day, shares. Order: operator, strategy, day.
SELECT e.operator, e.strategy, e.at::date AS day, sum(e.shares) AS shares
FROM operator_share_events() e
WHERE e.at >= $1::text::timestamp AND e.at < $2::text::timestamp AND e.block_number >= $3::bigint
GROUP BY e.operator, e.strategy, e.at::date
ORDER BY e.operator COLLATE "C", e.strategy COLLATE "C", day
