-- Purpose: a million pairs for the bench of roots: 200 000 earners of five tokens, a run of four days and the cutoff day, all in the
-- balances. Several statements. Parameters: none. Search path: paydirt's schema, then the source schema.
INSERT INTO blocks (number, hash, block_time) VALUES (1, 'h', '2026-01-01');
INSERT INTO reward_submissions (avs, reward_hash, token, amount, strategy, strategy_index, multiplier, start_timestamp,
                                end_timestamp, duration, is_for_all, reward_type, block_number, transaction_hash, log_index)
SELECT 'avs', 'hash' || n, '0x' || repeat('0', 38) || lpad(n::text, 2, '0'), 1, 's', 0, 1, '2026-01-01', '2026-01-08', 604800,
       false, 'avs', 1, 'tx', n
FROM generate_series(1, 5) n;
INSERT INTO gold_rewards (reward_hash, token) SELECT DISTINCT reward_hash, token FROM reward_submissions ORDER BY 1, 2;
INSERT INTO gold_tokens (token) SELECT DISTINCT token FROM gold_rewards ORDER BY 1;
INSERT INTO gold_earners (address) SELECT '0x' || md5(n::text) || left(md5(n::text), 8) FROM generate_series(1, 200000) n;
SELECT ensure_gold_partitions('2026-01-01', '2026-01-31');
INSERT INTO runs (chain, cutoff, status, engine, source, version, gold_rows)
VALUES ('mainnet', '2026-01-06', 'complete', 'native', 'events', '0', 5000000);
INSERT INTO gold_rows (snapshot, earner, reward, run_id, amount)
SELECT date '2026-01-01' + d, e.id, r.id, (SELECT max(id) FROM runs), e.id * 12345678901234567890
FROM generate_series(1, 5) d, gold_rewards r, gold_earners e
ORDER BY d, r.id, e.id;
INSERT INTO gold_windows (run_id, reward_hash, first_snapshot, last_snapshot, gold_rows)
SELECT (SELECT max(id) FROM runs), reward_hash, '2026-01-02', '2026-01-06', 1000000 FROM gold_rewards;
INSERT INTO gold_balances (earner, token, gold_rows, amount)
SELECT g.earner, t.id, count(*), sum(g.amount)
FROM gold_rows g JOIN gold_rewards r ON r.id = g.reward JOIN gold_tokens t ON t.token = r.token
GROUP BY g.earner, t.id;
INSERT INTO gold_balanced_runs SELECT id FROM runs;
ANALYZE
