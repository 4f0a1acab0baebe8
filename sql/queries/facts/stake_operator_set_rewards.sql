-- Purpose: unique and total stake submissions known at the cutoff (spec/02 §1). Locks: none.
-- Parameters: run_input. Columns: as listed. Order: reward_hash, reward_type, strategy_index.
COPY (
    SELECT r.avs, r.operator_set_id, r.reward_hash, r.token, r.amount, r.strategy, r.strategy_index, r.multiplier,
           r.start_timestamp, r.end_timestamp, r.duration, r.reward_type, r.block_time::date AS submission_date
    FROM run_input i CROSS JOIN LATERAL stake_operator_set_rewards_at(i.cutoff) r
    ORDER BY r.reward_hash COLLATE "C", r.reward_type, r.strategy_index
) TO STDOUT (FORMAT binary)
