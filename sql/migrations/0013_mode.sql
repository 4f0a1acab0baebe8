-- Purpose: compatible or strict (docs/strict-mode.md): which of the two the runs of this schema are.
-- Search path: paydirt's schema, then the source schema.
-- Without the column, strict runs are of a chain that no command has, so that nobody goes on with them as with compatible ones.

-- up
ALTER TABLE runs ADD COLUMN mode text NOT NULL DEFAULT 'compatible' CHECK (mode IN ('compatible', 'strict'));
COMMENT ON COLUMN runs.mode IS 'compatible or strict; the same for all runs of a schema';
UPDATE runs SET mode = 'strict', chain = split_part(chain, ' ', 1) WHERE chain LIKE '% (strict)';

-- down
UPDATE runs SET chain = chain || ' (strict)' WHERE mode = 'strict';
ALTER TABLE runs DROP COLUMN mode;
