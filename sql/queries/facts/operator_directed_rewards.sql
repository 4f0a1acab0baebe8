-- Purpose: operator-directed submissions known at the cutoff (spec/02 §1). Locks: none.
-- Parameters: run_input. Columns: as listed. Order: reward_hash, operator_index, strategy_index.
COPY (
    SELECT r.avs, NULL::bigint AS operator_set_id, r.reward_hash, r.token, r.operator, r.amount, r.strategy,
           r.multiplier, r.start_timestamp, r.end_timestamp, r.duration, r.block_time::date AS submission_date
    FROM run_input i CROSS JOIN LATERAL operator_directed_rewards_at(i.cutoff) r
    ORDER BY r.reward_hash COLLATE "C", r.operator_index, r.strategy_index
) TO STDOUT (FORMAT binary)
