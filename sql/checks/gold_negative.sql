-- Purpose: no amount in gold_table is negative; zero is legal (Q11). Amounts, multipliers and shares that count are not
-- negative, set and default splits are clamped; only an AVS or PI split above 10000 bips leaves its stakers less than
-- nothing (Q15). So the avs rewards and v2 submissions of an avs that has had such a split are left out, and so is
-- all_earners if there has been such a PI split; a hash that is not in the source has no excuse.
-- One pass over gold_table. Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('reward_hash %s snapshot %s earner %s token %s', g.reward_hash, g.snapshot, g.earner, g.token) AS key,
       format('amount %s is negative', g.amount) AS detail
FROM gold_table g
WHERE g.amount < 0
  AND g.reward_hash NOT IN (
      SELECT s.reward_hash
      FROM reward_submissions s
      WHERE s.reward_type = 'avs'
        AND s.avs IN (SELECT p.avs FROM operator_avs_splits p WHERE p.new_operator_avs_split_bips > 10000)
      UNION ALL
      SELECT s.reward_hash
      FROM operator_directed_reward_submissions s
      WHERE s.avs IN (SELECT p.avs FROM operator_avs_splits p WHERE p.new_operator_avs_split_bips > 10000)
      UNION ALL
      SELECT s.reward_hash
      FROM reward_submissions s
      WHERE s.reward_type = 'all_earners'
        AND EXISTS (SELECT FROM operator_pi_splits p WHERE p.new_operator_pi_split_bips > 10000)
  )
ORDER BY key, detail
