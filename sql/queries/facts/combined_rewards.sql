-- Purpose: v1 submissions known at the cutoff (spec/02 §1). Locks: none.
-- Parameters: run_input. Columns: as listed. Order: reward_hash, strategy_index.
-- Those that are paid up to their end are left out: no run pays them any more. (What a run that is resumed has paid itself does
-- not count.) That comes first: few are left, and blocks are many, and looked up one by one: a join would walk all of them.
COPY (
    WITH unpaid AS MATERIALIZED (
        SELECT r.*
        FROM reward_submissions r
        WHERE NOT EXISTS (SELECT FROM quarantine q WHERE q.reward_hash = r.reward_hash)
          AND NOT EXISTS (
              SELECT FROM watermarks m
              WHERE m.reward_hash = r.reward_hash AND m.last_snapshot >= r.end_timestamp
                AND NOT EXISTS (SELECT FROM gold_windows o
                                WHERE o.run_id = (SELECT i.resumed_run FROM run_input i) AND o.reward_hash = m.reward_hash)
          )
    )
    SELECT r.avs, r.reward_hash, r.token, r.amount, r.strategy, r.multiplier::numeric(78, 0), r.start_timestamp,
           r.end_timestamp, r.duration::integer::bigint, r.reward_type, b.block_time::date AS submission_date
    FROM unpaid r
    CROSS JOIN LATERAL (SELECT b.block_time FROM blocks b WHERE b.number = r.block_number OFFSET 0) b
    WHERE b.block_time < (SELECT i.cutoff FROM run_input i)
    ORDER BY r.reward_hash COLLATE "C", r.strategy_index
) TO STDOUT (FORMAT binary)
