-- Purpose: appends rows (spec/03 §23). Columns: those of gold_rows; earner and reward are numbers of gold_earners and gold_rewards.
COPY gold_rows (snapshot, earner, reward, run_id, amount) FROM STDIN (FORMAT binary)
