-- Purpose: unqualified names mean the source schema until the transaction ends. Parameters: $1 schema.
SELECT set_config('search_path', quote_ident($1), true)
