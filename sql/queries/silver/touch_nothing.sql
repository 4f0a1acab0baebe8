-- Purpose: an empty touched_keys. Parameters: $1 the relation. Locks: none.
SELECT touch_nothing($1)
