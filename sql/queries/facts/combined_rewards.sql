-- Purpose: v1 submissions known at the cutoff (spec/02 §1). Locks: none.
-- Parameters: run_input. Columns: as listed. Order: reward_hash, strategy_index.
COPY (
    SELECT r.avs, r.reward_hash, r.token, r.amount, r.strategy, r.multiplier, r.start_timestamp, r.end_timestamp,
           r.duration::bigint, r.reward_type, r.block_time::date AS submission_date
    FROM run_input i CROSS JOIN LATERAL combined_rewards_at(i.cutoff) r
    ORDER BY r.reward_hash COLLATE "C", r.strategy_index
) TO STDOUT (FORMAT binary)
