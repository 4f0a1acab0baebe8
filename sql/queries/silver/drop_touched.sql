-- Purpose: drops what touch_nothing.sql made. Parameters: none.
DROP TABLE pg_temp.touched_keys
