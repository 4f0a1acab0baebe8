-- Purpose: the numbers of all addresses that ever earned or might have. Parameters: none. Columns: id, address. Locks: none.
COPY gold_earners (id, address) TO STDOUT (FORMAT binary)
