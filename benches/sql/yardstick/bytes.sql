-- Purpose: what the table takes on disk with its indexes. Parameters: none. Columns: bytes, heap_bytes. One row.
SELECT sum(pg_total_relation_size(t.relid))::bigint AS bytes, sum(pg_table_size(t.relid))::bigint AS heap_bytes
FROM pg_partition_tree('gold_table') t WHERE t.isleaf
