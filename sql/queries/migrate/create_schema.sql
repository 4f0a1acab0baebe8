-- Purpose: paydirt's schema, as named by name_schema.sql in the same transaction. Parameters: none.
DO $$
BEGIN
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', current_setting('paydirt.schema'));
END
$$
