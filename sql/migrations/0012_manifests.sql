-- Purpose: what a run was made of and what it made, in few bytes (manifests), and what the rows of its units are, day by day.
-- Search path: paydirt's schema, then the source schema.

-- up
CREATE TABLE unit_days (
    run_id    bigint NOT NULL REFERENCES runs ON DELETE CASCADE,
    -- 0: of the run as a whole, where units did not say.
    unit      integer NOT NULL,
    snapshot  date NOT NULL,
    gold_rows bigint NOT NULL CHECK (gold_rows >= 0),
    -- A sum of hashes of 64 bits each.
    content   numeric NOT NULL CHECK (content >= 0),
    PRIMARY KEY (run_id, unit, snapshot)
);
COMMENT ON TABLE unit_days IS 'Number and digest of the gold rows of a unit, by snapshot';

CREATE TABLE manifests (
    run_id   bigint PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    manifest jsonb NOT NULL,
    -- SHA-256 of the manifest as paydirt writes it; it names the manifest of the run before, so it stands for all runs so far.
    digest   text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE manifests IS 'What complete runs were made of and what they made';

-- down
DROP TABLE manifests, unit_days;
