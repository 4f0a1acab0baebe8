-- Purpose: lets this session's counters of changed rows reach the statistics views now. Parameters: none.
SELECT pg_stat_force_next_flush()
