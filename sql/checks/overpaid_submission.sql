-- Purpose: in strict mode no submission is paid more than it holds (docs/strict-mode.md). Compatible runs may do so (Q2, Q3, Q4,
-- Q6, Q7, Q15); `paydirt audit` says when and why.
--
-- What a submission holds is the amount of any of its rows or, if it is directed to operators, the sum of theirs. Not checked:
-- submissions whose rows disagree or are in several tables. Months that were dropped only lessen the sum.
-- One pass over gold_table. Parameters: none. Columns: key, detail. Order: key. Locks: none.
WITH paid AS MATERIALIZED (
    SELECT g.reward_hash, sum(g.amount) AS paid
    FROM gold_table g
    WHERE EXISTS (SELECT FROM runs r WHERE r.mode = 'strict')
    GROUP BY g.reward_hash
), held AS (
    SELECT s.reward_hash, max(s.amount) AS amount, min(s.amount) <> max(s.amount) AS disagree
    FROM (
        SELECT s.reward_hash, s.amount FROM reward_submissions s
        UNION ALL
        SELECT s.reward_hash, s.amount FROM unique_stake_reward_submissions s
        UNION ALL
        SELECT s.reward_hash, s.amount FROM total_stake_reward_submissions s
    ) s
    GROUP BY s.reward_hash
    UNION ALL
    SELECT o.reward_hash, sum(o.amount), bool_or(o.disagree)
    FROM (
        SELECT s.reward_hash, s.operator, max(s.amount) AS amount,
               count(DISTINCT (s.operator_index, s.amount)) > 1 AS disagree
        FROM (
            SELECT s.reward_hash, s.operator, s.operator_index, s.amount FROM operator_directed_reward_submissions s
            UNION ALL
            SELECT s.reward_hash, s.operator, s.operator_index, s.amount
            FROM operator_directed_operator_set_reward_submissions s
        ) s
        GROUP BY s.reward_hash, s.operator
    ) o
    GROUP BY o.reward_hash
)
SELECT format('reward_hash %s', p.reward_hash) AS key, format('is paid %s, but holds %s', p.paid, h.amount) AS detail
FROM paid p
JOIN held h ON h.reward_hash = p.reward_hash
WHERE p.paid > h.amount AND NOT h.disagree
  AND NOT EXISTS (SELECT FROM held o WHERE o.reward_hash = h.reward_hash GROUP BY o.reward_hash HAVING count(*) > 1)
ORDER BY key
