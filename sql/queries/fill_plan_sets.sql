-- Purpose: fills plan_sets. Columns: avs, operator_set_id, first_snapshot, last_snapshot.
COPY plan_sets (avs, operator_set_id, first_snapshot, last_snapshot) FROM STDIN (FORMAT binary)
