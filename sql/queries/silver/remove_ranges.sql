-- Purpose: removes ranges. Placeholders: {table}, {keys} arrays of their keys and first days ($1 and further ones) as k, {same} the
-- condition that a range is one of them. Locks: their rows.
DELETE FROM {table} r USING {keys} WHERE {same}
