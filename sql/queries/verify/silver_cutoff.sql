-- Purpose: the D the stored silver relations are up to, no row before the first run. Parameters: none. Columns: cutoff.
SELECT cutoff FROM silver_state
