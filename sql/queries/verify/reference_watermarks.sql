-- Purpose: the watermarks after all runs up to D were repeated (first on the search path). Parameters: none.
CREATE TEMP TABLE reference_watermarks ON COMMIT DROP AS SELECT reward_hash, last_snapshot FROM watermarks
