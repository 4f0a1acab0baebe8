-- Check: addresses and hashes of submissions are lower-case hex of the right length (spec/01 invariant 1).
-- Columns: source_table, key, reason. Order: key.
SELECT source_table, reward_hash AS key,
       format('avs %s, token %s, strategy %s%s: not all lower-case hex addresses with a 32-byte hash', avs, token, strategy,
              coalesce(', operator ' || operator, '')) AS reason
FROM submissions
WHERE NOT (octet_length(reward_hash) = 66 AND starts_with(reward_hash, '0x') AND substr(reward_hash, 3) !~ '[^0-9a-f]'
           AND octet_length(avs) = 42 AND starts_with(avs, '0x') AND substr(avs, 3) !~ '[^0-9a-f]'
           AND octet_length(token) = 42 AND starts_with(token, '0x') AND substr(token, 3) !~ '[^0-9a-f]'
           AND octet_length(strategy) = 42 AND starts_with(strategy, '0x') AND substr(strategy, 3) !~ '[^0-9a-f]'
           AND (operator IS NULL
                OR octet_length(operator) = 42 AND starts_with(operator, '0x') AND substr(operator, 3) !~ '[^0-9a-f]'))
ORDER BY key
