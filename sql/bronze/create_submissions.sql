-- Purpose: the rows of the five submission tables that are checked, under one set of columns, for the checks on submissions.
-- Dropped when the checks are done. Parameters: none.
CREATE TEMP TABLE IF NOT EXISTS submissions (
    source_table text, avs text, reward_hash text, token text, operator text, amount numeric, strategy text,
    strategy_index integer, operator_index integer, multiplier numeric, start_timestamp timestamp, end_timestamp timestamp,
    duration bigint, block_number bigint, operator_set_id bigint, reward_type text, block_time timestamp
);
TRUNCATE pg_temp.submissions
