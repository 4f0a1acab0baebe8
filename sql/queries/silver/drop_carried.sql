-- Purpose: drops what carry_nothing.sql made. Parameters: none.
DROP TABLE pg_temp.carried_ranges
