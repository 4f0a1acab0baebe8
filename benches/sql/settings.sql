-- Purpose: the settings that figures depend on. Parameters: none. Columns: name, value. Order: name.
SELECT s.name, current_setting(s.name) AS value
FROM pg_settings s
WHERE s.name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_level', 'wal_compression',
                 'shared_buffers', 'work_mem', 'maintenance_work_mem', 'effective_cache_size', 'max_wal_size',
                 'checkpoint_timeout', 'autovacuum', 'max_parallel_workers_per_gather', 'max_parallel_maintenance_workers', 'jit')
ORDER BY s.name
