-- Purpose: what runs from a cutoff on had set aside counts again. Parameters: $1 cutoff. Locks: rows of quarantine.
DELETE FROM quarantine WHERE cutoff >= $1
