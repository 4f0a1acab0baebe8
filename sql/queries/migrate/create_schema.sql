-- Purpose: paydirt's schema, named by the session's search path. Parameters: none.
DO $$
BEGIN
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', (parse_ident(split_part(current_setting('search_path'), ',', 1)))[1]);
END
$$
