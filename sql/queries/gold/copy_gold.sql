-- Purpose: the statement that appends rows of a month (spec/03 §23); its partition is named here, by the server, because finding it
-- again for each row takes a tenth of the time of COPY. Parameters: $1 a day of the month. Columns: copy, whose columns are those of
-- gold_rows; earner and reward are numbers of gold_earners and gold_rewards. Locks: none.
SELECT format('COPY %s (snapshot, earner, reward, run_id, amount) FROM STDIN (FORMAT binary)', c.oid::regclass) AS copy
FROM pg_class g
JOIN pg_inherits i ON i.inhparent = g.oid
JOIN pg_class c ON c.oid = i.inhrelid AND c.relname = 'gold_rows_' || to_char($1::date, 'YYYY_MM')
WHERE g.oid = 'gold_rows'::regclass
