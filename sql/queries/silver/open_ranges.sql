-- Purpose: the open range of some keys. Placeholders: {table}, {columns} its columns, {keys} a join with the keys, which are
-- arrays in the order of its key columns: $1 and further ones. Locks: none.
SELECT {columns} FROM {table} r {keys} WHERE r.valid_to IS NULL
