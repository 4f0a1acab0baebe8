-- Purpose: which row versions the events of operator_set_operator_registration come from: those read before, and those to be read now.
-- Parameters: $1 the day before which was read, $2 the cutoff. Columns: read_rows, read_mark, new_rows, new_mark, blockless (rows
-- whose block is not there). Locks: none.
SELECT count(*) FILTER (WHERE m.at < $1::date) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.at < $1::date) AS read_mark,
       count(*) FILTER (WHERE m.at < $2::date) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.at < $2::date) AS new_mark,
       count(*) FILTER (WHERE m.at IS NULL) AS blockless
FROM (
    SELECT b.block_time AS at, hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin, b.tableoid, b.ctid, b.xmin), 0) AS mark
    FROM operator_set_operator_registrations e
    LEFT JOIN blocks b ON b.number = e.block_number
) m
