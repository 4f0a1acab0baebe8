-- Purpose: fills fresh_ranges. Columns: those of the range table, in order.
COPY fresh_ranges FROM STDIN (FORMAT binary)
