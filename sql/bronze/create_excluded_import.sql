-- Purpose: where a file of excluded addresses is loaded before its rows replace those of the table; with its primary key,
-- so that an address named twice in the file is found. Parameters: none. Locks: none beyond its own temp table.
CREATE TEMP TABLE excluded_addresses_import (LIKE excluded_addresses INCLUDING DEFAULTS INCLUDING INDEXES) ON COMMIT DROP
