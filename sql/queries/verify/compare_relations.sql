-- Purpose: pg_temp.compare_relations, which compares two relations as multisets of rows whose values are PostgreSQL's
--          text (so 1.0 and 1 differ), day by day if there is a snapshot column. Made in the transaction that uses it,
--          and rolled back with it. Parameters: none.
-- Of the function: relations, the columns to compare, the days to compare (NULL: all), how many differing rows to show
--          per day and side. Columns: day (NULL without snapshots), expected_rows, computed_rows, differing, missing
--          (rows only expected) and extra (rows only computed) as JSON arrays of arrays of text. Order: day. Locks: none.
CREATE FUNCTION pg_temp.compare_relations(
    expected regclass, computed regclass, compared text[], first_day date, last_day date, shown integer)
RETURNS TABLE (day text, expected_rows bigint, computed_rows bigint, differing bigint, missing jsonb, extra jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    cells text;
    days  text := 'NULL::text';
    kept  text := 'true';
BEGIN
    SELECT string_agg(CASE WHEN name = 'snapshot' THEN 'snapshot::date::text' ELSE format('coalesce(%I::text, '''')', name) END,
                      ', ' ORDER BY position)
      INTO cells FROM unnest(compared) WITH ORDINALITY AS column_names (name, position);
    IF 'snapshot' = ANY (compared) THEN
        days := 'snapshot::date::text';
        kept := format('snapshot >= %L AND snapshot <= %L', coalesce(first_day, '-infinity'), coalesce(last_day, 'infinity'));
    END IF;
    RETURN QUERY EXECUTE format($statement$
        WITH expected_cells AS (
            SELECT %1$s AS day, ARRAY[%2$s] AS cells, count(*) AS n FROM %4$s WHERE %3$s GROUP BY 1, 2),
        computed_cells AS (
            SELECT %1$s AS day, ARRAY[%2$s] AS cells, count(*) AS n FROM %5$s WHERE %3$s GROUP BY 1, 2),
        joined AS MATERIALIZED (
            SELECT coalesce(e.day, c.day) AS day, coalesce(e.cells, c.cells) AS cells,
                   coalesce(e.n, 0) AS expected_n, coalesce(c.n, 0) AS computed_n
            FROM expected_cells e FULL JOIN computed_cells c ON e.cells = c.cells),
        totals AS (
            SELECT joined.day, sum(expected_n)::bigint AS expected_rows, sum(computed_n)::bigint AS computed_rows,
                   sum(abs(expected_n - computed_n))::bigint AS differing
            FROM joined GROUP BY joined.day),
        ranked AS (
            SELECT joined.day, cells, expected_n > computed_n AS is_missing,
                   row_number() OVER (PARTITION BY joined.day, expected_n > computed_n ORDER BY cells) AS rank
            FROM joined WHERE expected_n <> computed_n),
        examples AS (
            SELECT ranked.day, jsonb_agg(to_jsonb(cells) ORDER BY cells) FILTER (WHERE is_missing) AS missing,
                   jsonb_agg(to_jsonb(cells) ORDER BY cells) FILTER (WHERE NOT is_missing) AS extra
            FROM ranked WHERE rank <= $1 GROUP BY ranked.day)
        SELECT totals.day, totals.expected_rows, totals.computed_rows, totals.differing,
               coalesce(examples.missing, '[]'), coalesce(examples.extra, '[]')
        FROM totals LEFT JOIN examples ON examples.day IS NOT DISTINCT FROM totals.day
        ORDER BY totals.day
    $statement$, days, cells, kept, expected, computed) USING shown;
END
$$
