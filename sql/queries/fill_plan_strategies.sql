-- Purpose: fills plan_strategies. Columns: strategy, id, every_holder, first_snapshot, last_snapshot.
COPY plan_strategies (strategy, id, every_holder, first_snapshot, last_snapshot) FROM STDIN (FORMAT binary)
