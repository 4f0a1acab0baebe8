-- Purpose: the newest complete run that brought silver up to its cutoff. Parameters: none. Columns: chain, cutoff.
SELECT chain, cutoff FROM runs WHERE source = 'events' AND status = 'complete' ORDER BY cutoff DESC LIMIT 1
