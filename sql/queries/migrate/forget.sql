-- Purpose: a migration was undone, in its own transaction. Parameters: $1 version.
DELETE FROM schema_migrations WHERE version = $1
