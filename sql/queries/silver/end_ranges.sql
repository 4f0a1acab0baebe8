-- Purpose: gives ranges another end. Placeholders: {table}, {keys} arrays of their keys, first days and ends ($1 and further ones)
-- as k, {same} the condition that a range is one of them. Locks: their rows.
UPDATE {table} r SET valid_to = k.valid_to FROM {keys} WHERE {same}
