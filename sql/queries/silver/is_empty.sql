-- Purpose: whether a relation has no ranges. Placeholders: {table}. Columns: is_empty. Locks: none.
SELECT NOT EXISTS (SELECT FROM {table}) AS is_empty
