-- Purpose: the parameters of a run. Parameters: $1 cutoff date, $2 chain name, $3 AVS directory address, lower case, $4 the
-- run that is resumed or NULL.
INSERT INTO run_input (cutoff, chain, avs_directory, resumed_run) VALUES ($1, $2, $3, $4)
