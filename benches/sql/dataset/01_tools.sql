-- Purpose: a schema for the draft of a dataset, and the functions that the other files draw it with. Everything is a function
-- of md5, so a dataset is the same on every machine and every PostgreSQL.
CREATE SCHEMA draft;

CREATE TABLE draft.params (
    calendar_start date NOT NULL,
    first_day      date NOT NULL,
    last_day       date NOT NULL,
    stakers        integer NOT NULL,
    operators      integer NOT NULL,
    avss           integer NOT NULL,
    strategies     integer NOT NULL
);

-- A number from 0 to below - 1.
CREATE FUNCTION draft.draw(seed text, below bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || left(md5(seed), 12))::bit(48)::bigint % below
$$;

CREATE FUNCTION draft.address(seed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '0x' || left(md5(seed) || md5(seed || '+'), 40)
$$;

CREATE FUNCTION draft.hash(seed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '0x' || md5(seed) || md5(seed || '+')
$$;

-- The block of a slot of a day: one every 12 s, 7200 a day.
CREATE FUNCTION draft.block(day date, slot bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 24000000 + (day - date '2026-01-01')::bigint * 7200 + slot
$$;

CREATE FUNCTION draft.block_time(block bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT timestamp '2026-01-01' + make_interval(secs => (block - 24000000) * 12)
$$;
