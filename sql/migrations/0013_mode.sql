-- Purpose: compatible or strict (docs/strict-mode.md): which of the two the runs of this schema are.
-- Search path: paydirt's schema, then the source schema.

-- up
ALTER TABLE runs ADD COLUMN mode text NOT NULL DEFAULT 'compatible' CHECK (mode IN ('compatible', 'strict'));
COMMENT ON COLUMN runs.mode IS 'compatible or strict; the same for all runs of a schema';

-- down
ALTER TABLE runs DROP COLUMN mode;
