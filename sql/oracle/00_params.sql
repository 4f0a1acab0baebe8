-- Purpose: the two values an oracle run needs. Run this file first, then fill the table
--          with bind parameters: INSERT INTO oracle_params VALUES ($1, $2).
-- Spec:    spec/00 §1 (cutoff date D), §4 (chain names)
-- Inputs:  none; the caller inserts exactly one row
-- Columns: chain text, cutoff date (D)
-- Order:   none
-- Locks:   none
-- Session: the oracle files are meant for one transaction with search_path = the schema
--          of the bronze tables, TimeZone = UTC and extra_float_digits at its default (1).
CREATE TEMP TABLE oracle_params (
    chain  text NOT NULL
           CHECK (chain IN ('mainnet', 'holesky', 'preprod', 'sepolia', 'hoodi', 'preprod-hoodi')),
    cutoff date NOT NULL
) ON COMMIT DROP;
