-- Purpose: appends rows (spec/03 §23). Columns: those of gold_rows.
COPY gold_rows (earner, snapshot, reward_hash, token, amount, run_id) FROM STDIN (FORMAT binary)
