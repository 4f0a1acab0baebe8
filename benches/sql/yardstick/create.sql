-- Purpose: the gold table of the spec (spec/03 §23) as it stands: text columns, a partition for each month that the rows have.
-- Parameters: none; make_partitions() takes the first and the last day.
CREATE TABLE gold_table (
    earner      text NOT NULL,
    snapshot    date NOT NULL,
    reward_hash text NOT NULL,
    token       text NOT NULL,
    amount      numeric NOT NULL
) PARTITION BY RANGE (snapshot);

CREATE FUNCTION make_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month date;
BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', first::timestamp), last::timestamp, '1 month')::date
    LOOP
        EXECUTE format('CREATE TABLE gold_table_%s PARTITION OF gold_table FOR VALUES FROM (%L) TO (%L)',
                       to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
    END LOOP;
END
$$;
