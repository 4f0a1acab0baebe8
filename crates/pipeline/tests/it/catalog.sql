-- Purpose: everything in the schemas of users, one line each, without numbers that change. Parameters: none.
WITH namespaces AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
)
SELECT format('%s: %s', n.nspname, thing) AS line
FROM namespaces n
CROSS JOIN LATERAL (
    SELECT 'schema' AS thing
    UNION ALL
    SELECT format('relation %s %s %s', c.relname, c.relkind, c.relpersistence) FROM pg_class c WHERE c.relnamespace = n.oid
    UNION ALL
    SELECT format('options %s %s', c.relname, c.reloptions) FROM pg_class c
    WHERE c.relnamespace = n.oid AND c.reloptions IS NOT NULL
    UNION ALL
    SELECT format('invalid index %s', c.relname) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
    WHERE c.relnamespace = n.oid AND NOT x.indisvalid
    UNION ALL
    SELECT format('child %s of %s', c.relname, i.inhparent::regclass) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relnamespace = n.oid
    UNION ALL
    -- By their order: columns that were dropped leave gaps.
    SELECT format('column %s.%s %s %s %s %s', c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
                  a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = n.oid AND c.relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = n.oid
    UNION ALL
    SELECT format('index %s', pg_get_indexdef(c.oid)) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('i', 'I')
    UNION ALL
    SELECT format('view %s %s', c.relname, pg_get_viewdef(c.oid)) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'v'
    UNION ALL
    SELECT format('function %s', pg_get_functiondef(p.oid)) FROM pg_proc p WHERE p.pronamespace = n.oid
    UNION ALL
    SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = n.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT format('comment %s %s', c.relname, s.description) FROM pg_description s JOIN pg_class c ON c.oid = s.objoid
    WHERE c.relnamespace = n.oid AND s.classoid = 'pg_class'::regclass
) things
ORDER BY 1
