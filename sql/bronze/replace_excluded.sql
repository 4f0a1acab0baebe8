-- Purpose: the rows of an imported file become those of excluded_addresses; a row with the same address is replaced as a
-- whole. Parameters: none. Columns: none (the number of rows is the result). Locks: the rows it writes.
INSERT INTO excluded_addresses AS e (address, network, description, created_at, updated_at, deleted_at)
SELECT address, network, description, created_at, updated_at, deleted_at FROM excluded_addresses_import
ON CONFLICT (address) DO UPDATE
SET network = excluded.network, description = excluded.description, created_at = excluded.created_at,
    updated_at = excluded.updated_at, deleted_at = excluded.deleted_at
