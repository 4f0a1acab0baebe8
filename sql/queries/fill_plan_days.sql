-- Purpose: fills plan_days. Columns: first_snapshot, last_snapshot.
COPY plan_days (first_snapshot, last_snapshot) FROM STDIN (FORMAT binary)
