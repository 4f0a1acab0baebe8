-- Purpose: the applied migrations. Parameters: none. Columns: version, name, checksum, applied_at. Order: version.
SELECT version, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
FROM schema_migrations ORDER BY version
