-- Purpose: the parameters of a run. Parameters: $1 cutoff date, $2 chain name, $3 AVS directory address, lower case.
INSERT INTO run_input (cutoff, chain, avs_directory) VALUES ($1, $2, $3)
