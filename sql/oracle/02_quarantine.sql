-- Purpose: submissions that this run leaves out, whatever the reason; usually none. Fill the table like
--          oracle_watermarks: SELECT reward_hash FROM quarantine.
-- Spec:    none; it is the caller's way to go on where the reference would fail
-- Inputs:  none; the caller inserts one row per hash
-- Columns: reward_hash text
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_quarantine (
    reward_hash text PRIMARY KEY
) ON COMMIT DROP;
