-- Purpose: fills plan_every_operator. Columns: first_snapshot, last_snapshot.
COPY plan_every_operator (first_snapshot, last_snapshot) FROM STDIN (FORMAT binary)
