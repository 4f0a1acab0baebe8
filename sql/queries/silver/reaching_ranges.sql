-- Purpose: the ranges of a relation that is sampled daily which reach a day. Placeholders: {table}, {columns} its columns.
-- Parameters: $1 the day. Locks: none.
SELECT {columns} FROM {table} r WHERE r.valid_to >= $1
