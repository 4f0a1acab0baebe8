-- Purpose: which row versions of submissions have been checked before, and which are to be checked now. Parameters: $1 the last
-- block before, $2 the last one now. Columns: source, read_rows, read_mark, new_rows, new_mark. Locks: none.
-- xmin is a number only through age, which counts from a transaction of now; it is counted from transaction 3 here.
-- What was set aside decides what is an error: when the quarantine changes, everything is checked again.
SELECT 'reward_submissions'::text AS source,
       count(*) FILTER (WHERE m.block_number <= $1) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $1) AS read_mark,
       count(*) FILTER (WHERE m.block_number <= $2) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $2) AS new_mark
FROM (SELECT e.block_number, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32)) AS mark FROM reward_submissions e) m
UNION ALL
SELECT 'operator_directed_reward_submissions'::text AS source,
       count(*) FILTER (WHERE m.block_number <= $1) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $1) AS read_mark,
       count(*) FILTER (WHERE m.block_number <= $2) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $2) AS new_mark
FROM (SELECT e.block_number, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32)) AS mark FROM operator_directed_reward_submissions e) m
UNION ALL
SELECT 'operator_directed_operator_set_reward_submissions'::text AS source,
       count(*) FILTER (WHERE m.block_number <= $1) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $1) AS read_mark,
       count(*) FILTER (WHERE m.block_number <= $2) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $2) AS new_mark
FROM (SELECT e.block_number, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32)) AS mark FROM operator_directed_operator_set_reward_submissions e) m
UNION ALL
SELECT 'unique_stake_reward_submissions'::text AS source,
       count(*) FILTER (WHERE m.block_number <= $1) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $1) AS read_mark,
       count(*) FILTER (WHERE m.block_number <= $2) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $2) AS new_mark
FROM (SELECT e.block_number, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32)) AS mark FROM unique_stake_reward_submissions e) m
UNION ALL
SELECT 'total_stake_reward_submissions'::text AS source,
       count(*) FILTER (WHERE m.block_number <= $1) AS read_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $1) AS read_mark,
       count(*) FILTER (WHERE m.block_number <= $2) AS new_rows, bit_xor(m.mark) FILTER (WHERE m.block_number <= $2) AS new_mark
FROM (SELECT e.block_number, hashtidextended(e.ctid, (((SELECT age('3'::xid)::bigint) - age(e.xmin)) & 4294967295) + (e.tableoid::bigint << 32)) AS mark FROM total_stake_reward_submissions e) m
UNION ALL
SELECT 'quarantine', q.rows, q.mark, q.rows, q.mark
FROM (SELECT count(*) AS rows, bit_xor(hashtextextended(reward_hash, 0)) AS mark FROM quarantine) q
