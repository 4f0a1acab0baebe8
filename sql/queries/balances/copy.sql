-- Purpose: balances, from memory. Parameters: none. Locks: none but the new rows.
COPY gold_balances (earner, token, gold_rows, amount) FROM STDIN (FORMAT binary)
