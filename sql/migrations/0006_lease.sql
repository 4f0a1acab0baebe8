-- Purpose: who works on this schema (design D5). The advisory lock decides; the lease says who has it, for people and for
-- the next process. Search path: paydirt's schema, then the source schema.

-- up
CREATE TABLE lease (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    host        text NOT NULL,
    pid         integer NOT NULL,
    backend_pid integer NOT NULL,
    doing       text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- down
DROP TABLE lease;
