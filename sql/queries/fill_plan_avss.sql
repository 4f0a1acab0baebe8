-- Purpose: fills plan_avss. Columns: avs, first_snapshot, last_snapshot.
COPY plan_avss (avs, first_snapshot, last_snapshot) FROM STDIN (FORMAT binary)
