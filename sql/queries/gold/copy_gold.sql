-- Purpose: appends rows (spec/03 §23). Columns: those of gold_table.
COPY gold_table (earner, snapshot, reward_hash, token, amount) FROM STDIN (FORMAT binary)
