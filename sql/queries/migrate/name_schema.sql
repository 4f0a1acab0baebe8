-- Purpose: names the schema for create_schema.sql, whose statement takes no parameters. Parameters: $1 schema.
SELECT set_config('paydirt.schema', $1, true)
