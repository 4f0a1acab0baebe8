-- Purpose: indices of posted roots that were disabled (spec/01). Parameters: none. Columns: root_index. Order: none. Locks: none.
SELECT d.root_index::bigint AS root_index FROM disabled_distribution_roots d
