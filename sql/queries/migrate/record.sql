-- Purpose: a migration was applied, in its own transaction. Parameters: $1 version, $2 name, $3 checksum.
INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)
