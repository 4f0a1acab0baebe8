-- Purpose: the cutoff up to which the silver relations can be read. Parameters: $1 chain, $2 cutoff.
INSERT INTO silver_state (chain, cutoff) VALUES ($1, $2)
ON CONFLICT (only_row) DO UPDATE SET chain = excluded.chain, cutoff = excluded.cutoff
