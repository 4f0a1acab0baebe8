-- Purpose: the chain and cutoff of an oracle run. Parameters: $1 chain, $2 cutoff. Locks: none.
INSERT INTO oracle_params (chain, cutoff) VALUES ($1, $2)
