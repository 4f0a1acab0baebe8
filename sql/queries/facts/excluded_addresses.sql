-- Purpose: addresses that `all_earners` left out before Panama, for the run's chain (spec/01, Q28). Locks: none.
-- Parameters: run_input. Columns: address. Order: address.
COPY (
    SELECT e.address FROM excluded_addresses e JOIN run_input i ON i.chain = e.network ORDER BY e.address
) TO STDOUT (FORMAT binary)
