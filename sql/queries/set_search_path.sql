-- Purpose: paydirt's schema first, then the indexer's. Parameters: $1 the first schema, $2 the second.
SELECT set_config('search_path', quote_ident($1) || ', ' || quote_ident($2), false)
