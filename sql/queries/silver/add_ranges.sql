-- Purpose: adds ranges. Placeholders: {table}. Columns: those of the table, in order.
COPY {table} FROM STDIN (FORMAT binary)
