-- Purpose: nobody is paid more than a submission holds for a day, where spec/03 and spec/04 guarantee it.
--
-- A (reward_hash, snapshot) is written by one run only (gold_without_run), and step 22 only drops rows or adds up.
-- Bounds of its sum, where n is its number of rows, hence no fewer than the stakers or operators paid:
--
--   avs from Nile on, all_earners    floor(amount / days)
--   avs before Nile                  amount / days * (1 + 5e-15) + n/2
--   all_stakers                      amount / days + n/2
--   unique_stake, total_stake        floor(amount / days) + floor(n * r)
--   any kind, outside its days       0 (spec/03 §0: which days those are does not depend on runs; Q4)
--   operator-directed (v2, v2.1)     none for a day; for the m days with rows in the window of one run:
--                                    for each operator greatest(amount + floor(m * r), m * floor(amount / days))
--
-- Proportions (spec/03 §0): pgdiv(w, W) of w <= W has at least 20 decimals, so a proportion is at most 5e-21 above
-- w/W. As it is a multiple of 1e-15, n of them add up to at most 1 + 1e-15 * (n idiv 200000); every bound is
-- multiplied by that.
-- A staker's total is cut into two parts that add up to it, whatever the split (Q8), and floors only lose.
-- Floats (Q7): the five roundings to float8, of 2^-53 each, are less than the factor 1 - 9 * 2^-53 takes away; 15
-- digits may add 5e-15, rounding to an integer 1/2 per staker. A row counts as pre-Nile by two dates (Q18), but never
-- from Nile on; before, the wider bound serves all rows. Seen in legal data: days of all_stakers above amount / days.
-- Rounding before floor (Q6): a quotient of numerics is at most r above the true one: r = 1/2 in general, and 0.00005
-- below 1e16, where it has 4 decimals or more. Stake weights do that once per operator (seen in legal data),
-- operator-directed amounts once per registered day. Proportional parts of stakers and operators are floors of the
-- first kind.
-- Refunds: v2.2 refunds the pool only when everybody else got nothing (Q22). An operator-directed amount is refunded
-- on each day of a window without registered days, else spread over those days only, as few as one (Q3), and the
-- staker part is refunded only where no staker is paid (Q19). The next window starts anew (Q2): neither a day nor the
-- submission as a whole has a bound. Each registered day has rows, so an operator's number of them is at most m. Equal
-- refunds that collapse (Q10) only lessen the sum, and so do days that were dropped: m counts the days that are left.
--
-- Nothing is guaranteed, hence nothing checked, for a submission that is not in the source, is in several tables, is
-- in quarantine, lasts less than a day, names an operator twice or has rows that disagree (only a warning for the
-- source; Q9's repeated strategies do no harm, but refunds repeat per avs and token), and for v2 submissions of an avs
-- that has had a split above 10000 bips (Q15: the operator gets more than there is; set and default splits are
-- clamped).
--
-- One pass over gold_table; memory follows the number of (reward_hash, snapshot). Parameters: none.
-- Columns: key, detail. Order: key. Locks: none.
WITH gold AS MATERIALIZED (
    SELECT g.reward_hash, g.snapshot, count(*) AS n, sum(g.amount) AS paid
    FROM gold_table g
    GROUP BY g.reward_hash, g.snapshot
), submissions AS (
    SELECT s.reward_type AS kind, s.reward_hash, s.avs, NULL::bigint AS operator_set_id, s.token,
           NULL::text AS operator, NULL::integer AS operator_index, s.amount, s.start_timestamp, s.end_timestamp,
           s.duration
    FROM reward_submissions s
    UNION ALL
    SELECT 'od', s.reward_hash, s.avs, NULL, s.token, s.operator, s.operator_index, floor(s.amount), s.start_timestamp,
           s.end_timestamp, s.duration
    FROM operator_directed_reward_submissions s
    UNION ALL
    SELECT 'od_set', s.reward_hash, s.avs, s.operator_set_id, s.token, s.operator, s.operator_index, floor(s.amount),
           s.start_timestamp, s.end_timestamp, s.duration
    FROM operator_directed_operator_set_reward_submissions s
    UNION ALL
    SELECT 'unique_stake', s.reward_hash, s.avs, s.operator_set_id, s.token, NULL, NULL, round(s.amount),
           s.start_timestamp, s.end_timestamp, s.duration
    FROM unique_stake_reward_submissions s
    UNION ALL
    SELECT 'total_stake', s.reward_hash, s.avs, s.operator_set_id, s.token, NULL, NULL, round(s.amount),
           s.start_timestamp, s.end_timestamp, s.duration
    FROM total_stake_reward_submissions s
), rewards AS (
    -- max(amount) means something only without operators.
    SELECT s.reward_hash, max(s.kind) AS kind, max(s.amount) AS amount, max(s.duration) / 86400 AS days,
           max(s.start_timestamp) AS start_timestamp, max(s.end_timestamp) AS end_timestamp
    FROM submissions s
    GROUP BY s.reward_hash
    HAVING count(DISTINCT (s.kind, s.avs, s.operator_set_id, s.token, s.start_timestamp, s.end_timestamp,
                           s.duration)) = 1
       AND count(DISTINCT (s.operator, s.operator_index, s.amount)) = greatest(count(DISTINCT s.operator), 1)
       AND min(s.duration) >= 86400
       AND s.reward_hash NOT IN (SELECT q.reward_hash FROM quarantine q)
       AND (max(s.kind) <> 'od'
            OR max(s.avs) NOT IN (SELECT p.avs FROM operator_avs_splits p WHERE p.new_operator_avs_split_bips > 10000))
), chain AS (
    -- Nile (spec/00 §4); '-infinity' where it is always active. An unknown chain gets the wider bound.
    SELECT coalesce(max(f.nile), 'infinity') AS nile
    FROM (VALUES ('mainnet', date '2024-08-12'), ('holesky', '2024-08-13'), ('preprod', '2024-08-14'),
                 ('sepolia', '-infinity'), ('hoodi', '-infinity'), ('preprod-hoodi', '-infinity')) AS f (chain, nile)
    WHERE f.chain IN (SELECT r.chain FROM runs r)
), outside AS (
    SELECT format('reward_hash %s snapshot %s', g.reward_hash, g.snapshot) AS key,
           format('is paid %s, but the submission lasts from %s to %s', g.paid, r.start_timestamp, r.end_timestamp)
               AS detail
    FROM gold g
    JOIN rewards r ON r.reward_hash = g.reward_hash
    WHERE g.paid <> 0
      AND (g.snapshot < r.start_timestamp::date OR g.snapshot = r.start_timestamp OR g.snapshot > r.end_timestamp)
), pools AS (
    SELECT g.reward_hash, g.snapshot, g.n, g.paid, r.kind,
           (1 + g.n / 200000 * 1e-15)
           * CASE
                 WHEN r.kind = 'all_stakers' THEN r.amount / r.days + g.n / 2.0
                 WHEN r.kind = 'avs' AND g.snapshot < c.nile THEN r.amount / r.days * (1 + 5e-15) + g.n / 2.0
                 WHEN r.kind IN ('avs', 'all_earners') THEN floor(r.amount / r.days)
                 WHEN r.kind IN ('unique_stake', 'total_stake')
                     THEN floor(r.amount / r.days)
                          + floor(g.n * CASE WHEN floor(r.amount / r.days) < 1e16 THEN 0.00005 ELSE 0.5 END)
             END AS bound
    FROM gold g
    JOIN rewards r ON r.reward_hash = g.reward_hash
    CROSS JOIN chain c
), operators AS (
    SELECT DISTINCT s.reward_hash, s.operator, s.amount
    FROM submissions s
    WHERE s.kind IN ('od', 'od_set')
), windows AS (
    SELECT w.run_id, w.reward_hash, w.first_snapshot, w.last_snapshot, count(*) AS m, max(g.n) AS n,
           sum(g.paid) AS paid
    FROM gold_windows w
    CROSS JOIN LATERAL generate_series(0, w.last_snapshot - w.first_snapshot) AS d (day)
    JOIN gold g ON g.reward_hash = w.reward_hash AND g.snapshot = w.first_snapshot + d.day
    GROUP BY w.run_id, w.reward_hash, w.first_snapshot, w.last_snapshot
), window_pools AS (
    SELECT w.run_id, w.reward_hash, w.first_snapshot, w.last_snapshot, w.m, w.paid,
           (1 + w.n / 200000 * 1e-15)
           * sum(greatest(o.amount + floor(w.m * CASE WHEN o.amount < 1e16 THEN 0.00005 ELSE 0.5 END),
                          w.m * floor(o.amount / r.days))) AS bound
    FROM windows w
    JOIN rewards r ON r.reward_hash = w.reward_hash AND r.kind IN ('od', 'od_set')
    JOIN operators o ON o.reward_hash = w.reward_hash
    GROUP BY w.run_id, w.reward_hash, w.first_snapshot, w.last_snapshot, w.m, w.n, w.paid
)
SELECT o.key, o.detail FROM outside o
UNION ALL
SELECT format('reward_hash %s snapshot %s', p.reward_hash, p.snapshot),
       format('is paid %s, but the pool of %s for the day allows %s', p.paid, p.kind, floor(p.bound))
FROM pools p
WHERE p.paid > p.bound
UNION ALL
SELECT format('reward_hash %s snapshots %s to %s', w.reward_hash, w.first_snapshot, w.last_snapshot),
       format('run %s paid %s on %s days, but the operators'' amounts allow %s', w.run_id, w.paid, w.m, floor(w.bound))
FROM window_pools w
WHERE w.paid > w.bound
ORDER BY key, detail
