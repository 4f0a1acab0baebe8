-- Purpose: what the stories of the bench `history` have beyond draft.params, and how things are drawn that are not evenly spread.
CREATE TABLE draft.shape (
    avs_streams          integer NOT NULL,
    all_earners_streams  integer NOT NULL,
    all_stakers_streams  integer NOT NULL,
    od_streams           integer NOT NULL,
    od_set_streams       integer NOT NULL,
    unique_stake_streams integer NOT NULL,
    total_stake_streams  integer NOT NULL,
    -- Programmes (all_earners) are submitted week by week when the week is over; otherwise ahead, for four weeks.
    retroactive_programmes boolean NOT NULL,
    -- On this day a week is submitted that ended so many days before.
    late_day  date NOT NULL,
    late_days integer NOT NULL
);

-- A number from 0 to below - 1, of which k comes up about 1 / (k + 1) as often as 0: a power of two evenly, then a number of
-- its octave.
CREATE FUNCTION draft.zipf(seed text, below integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (((1 << o.octave) - 1 + draft.draw(seed || ' of octave', 1 << o.octave)) % below)::integer
    FROM (SELECT draft.draw(seed || ' octave', length(ltrim(below::bit(32)::text, '0')))::integer AS octave) o
$$;

-- The day, of those from first to last, on which something happens that happens once in so many days; NULL if not among them.
-- The same for every dataset with the same first day.
CREATE FUNCTION draft.some_day(seed text, first date, last date, days integer) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN d.later <= last - first THEN first + d.later END
    FROM (SELECT draft.draw(seed, days)::integer AS later) d
$$;

-- Mainnet's forks from which on there can be submissions of a kind.
CREATE TABLE draft.forks AS
SELECT * FROM (VALUES ('od', date '2025-01-21'), ('od_set', date '2025-04-17'), ('unique_stake', date '2026-03-12'),
                      ('total_stake', date '2026-03-12')) AS f (kind, since);
