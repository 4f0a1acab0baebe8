-- Purpose: temp tables that come before those of paydirt's schema until the transaction is rolled back: no submission counts as paid
-- up, so all are read, and only those are left out that were set aside and never paid by a complete run. Parameters: none.
-- Locks: none that matter.
CREATE TEMP TABLE quarantine ON COMMIT DROP AS
SELECT q.reward_hash
FROM quarantine q
WHERE NOT EXISTS (SELECT FROM gold_windows w JOIN runs r ON r.id = w.run_id AND r.status = 'complete'
                  WHERE w.reward_hash = q.reward_hash);
CREATE TEMP TABLE watermarks (reward_hash text NOT NULL, last_snapshot date NOT NULL) ON COMMIT DROP
