-- Purpose: appends what the oracle computed (spec/03 §23). Parameters: $1 run id. Locks: rows of gold_rows.
INSERT INTO gold_rows (snapshot, earner, reward, run_id, amount)
SELECT s.snapshot, e.id, r.id, $1, s.amount
FROM oracle_gold_22_staging s
JOIN gold_earners e ON e.address = s.earner
JOIN gold_rewards r ON r.reward_hash = s.reward_hash AND r.token = s.token
ORDER BY s.snapshot, r.id, e.id
