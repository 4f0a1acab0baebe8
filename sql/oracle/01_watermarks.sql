-- Purpose: the watermark of every reward hash in gold_table as left by earlier runs. Run this
--          file second, then fill the table with
--          SELECT reward_hash, max(snapshot) FROM gold_table GROUP BY reward_hash
--          (of whichever gold table is being checked).
-- Spec:    spec/00 §2 (watermark of a hash), spec/03 §0 (active days)
-- Inputs:  none; the caller inserts one row per hash, none for hashes without gold rows
-- Columns: reward_hash text, last_snapshot date
-- Order:   none
-- Locks:   none
CREATE TEMP TABLE oracle_watermarks (
    reward_hash   text PRIMARY KEY,
    last_snapshot date NOT NULL
) ON COMMIT DROP;
