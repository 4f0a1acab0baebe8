-- Check: addresses and hashes of submissions are lower-case hex of the right length (spec/01 invariant 1).
-- Columns: source_table, key, reason. Order: key.
SELECT source_table, reward_hash AS key,
       format('avs %s, token %s, strategy %s%s: not all lower-case hex addresses with a 32-byte hash', avs, token, strategy,
              coalesce(', operator ' || operator, '')) AS reason
FROM submissions
WHERE NOT (avs ~ '^0x[0-9a-f]{40}$' AND token ~ '^0x[0-9a-f]{40}$' AND strategy ~ '^0x[0-9a-f]{40}$'
           AND coalesce(operator ~ '^0x[0-9a-f]{40}$', true) AND reward_hash ~ '^0x[0-9a-f]{64}$')
ORDER BY key
