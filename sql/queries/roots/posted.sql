-- Purpose: the roots that were posted on chain (spec/01), with the last snapshot they are of (spec/05 §1).
-- Parameters: none. Columns: root; root_index; snapshot; block_number. Order: root_index, block_number. Locks: none.
SELECT s.root::text AS root, s.root_index::bigint AS root_index, s.rewards_calculation_end::date AS snapshot,
       s.block_number::bigint AS block_number
FROM submitted_distribution_roots s
ORDER BY s.root_index, s.block_number
