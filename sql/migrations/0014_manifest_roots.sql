-- Purpose: the root of a run is kept with its manifest. Search path: paydirt's schema, then the source schema.

-- up
-- Not part of the manifest's digest: it may be computed later.
ALTER TABLE manifests ADD COLUMN root text CHECK (root ~ '^0x[0-9a-f]{64}$');
COMMENT ON COLUMN manifests.root IS 'Of the day before the run''s cutoff, over the rows of this run and those before it (spec/05 §1); NULL until it is computed';

-- down
ALTER TABLE manifests DROP COLUMN root;
