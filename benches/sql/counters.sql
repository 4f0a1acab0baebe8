-- Purpose: what the server has counted. Parameters: none. Columns: wal_bytes, temporary_bytes. One row.
SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint AS wal_bytes, d.temp_bytes AS temporary_bytes
FROM pg_stat_database d
WHERE d.datname = current_database()
