//! The migration creates what `tables()` says, and takes it back only from empty tables.

use bronze::{ColumnType, tables};

use crate::support::{down, texts, up, with_schema, with_tables};

fn sql_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text(_) => "text",
        ColumnType::Numeric => "numeric",
        ColumnType::Numeric78 => "numeric(78,0)",
        ColumnType::Int4 => "integer",
        ColumnType::Int8 => "bigint",
        ColumnType::Bool => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp without time zone",
        ColumnType::TimestampTz => "timestamp with time zone",
    }
}

#[test]
fn columns_are_those_of_tables() {
    with_tables(async |client| {
        let query = "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
                     a.atthasdef, pg_get_expr(d.adbin, d.adrelid) \
                     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
                     WHERE c.relnamespace = quote_ident(current_schema)::regnamespace AND c.relkind = 'r' AND a.attnum > 0 \
                     ORDER BY c.oid, a.attnum";
        let found: Vec<String> = texts(client, query)
            .await
            .into_iter()
            .map(|row| row.into_iter().map(|value| value.unwrap_or_default()).collect::<Vec<_>>().join("|"))
            .collect();
        let mut expected = Vec::new();
        for table in tables() {
            for column in table.columns {
                let not_null = if column.nullable { "f" } else { "t" };
                // The only default there is.
                let (has_default, default) = if column.has_default { ("t", "false") } else { ("f", "") };
                let kind = sql_type(column.kind);
                let line = [table.name, column.name, kind, not_null, has_default, default];
                expected.push(line.join("|"));
            }
        }
        assert_eq!(found, expected);
    });
}

#[test]
fn keys_are_those_of_tables() {
    with_tables(async |client| {
        let query = "SELECT c.relname, (SELECT string_agg(a.attname, ',' ORDER BY k.position) \
                         FROM unnest(n.conkey) WITH ORDINALITY k(number, position) \
                         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number) \
                     FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid \
                     WHERE c.relnamespace = quote_ident(current_schema)::regnamespace AND n.contype IN ('p', 'u', 'f', 'c', 'x') \
                     ORDER BY c.oid, n.oid";
        let found: Vec<String> =
            texts(client, query).await.into_iter().flatten().map(Option::unwrap).collect::<Vec<_>>();
        let expected: Vec<String> =
            tables().iter().flat_map(|table| [table.name.to_owned(), table.key.join(",")]).collect();
        assert_eq!(found, expected, "exactly one key for each table, and nothing else");
        for table in tables() {
            assert!(table.key.iter().all(|name| table.column(name).is_some()), "{}", table.name);
        }
    });
}

#[test]
fn indexes_are_the_keys_and_the_three_times() {
    with_tables(async |client| {
        let query = "SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
                     WHERE c.relnamespace = quote_ident(current_schema)::regnamespace AND NOT i.indisunique ORDER BY 1";
        let found: Vec<String> = texts(client, query).await.into_iter().flatten().flatten().collect();
        assert_eq!(found, ["blocks_block_time", "operator_share_deltas_block_time", "staker_share_deltas_block_time"]);
    });
}

#[test]
fn down_drops_empty_tables() {
    with_tables(async |client| {
        client.batch_execute(down()).await.unwrap();
        let left = texts(
            client,
            "SELECT relname FROM pg_class WHERE relnamespace = quote_ident(current_schema)::regnamespace",
        )
        .await;
        assert_eq!(left, Vec::<Vec<Option<String>>>::new());
        client.batch_execute(up()).await.unwrap();
    });
}

#[test]
fn down_of_nothing_is_nothing() {
    with_schema(async |client| client.batch_execute(down()).await.unwrap());
}

#[test]
fn down_leaves_what_has_a_row() {
    with_tables(async |client| {
        for table in tables() {
            let values: Vec<&str> = table
                .columns
                .iter()
                .map(|column| match column.kind {
                    ColumnType::Text(_) => "'x'",
                    ColumnType::Numeric | ColumnType::Numeric78 | ColumnType::Int4 | ColumnType::Int8 => "1",
                    ColumnType::Bool => "true",
                    ColumnType::Date | ColumnType::Timestamp | ColumnType::TimestampTz => "'2025-01-01'",
                })
                .collect();
            let insert = format!("BEGIN; INSERT INTO {} VALUES ({})", table.name, values.join(", "));
            client.batch_execute(&insert).await.unwrap();
            client.batch_execute("SAVEPOINT before").await.unwrap();
            let error = client.batch_execute(down()).await.unwrap_err();
            let message = error.as_db_error().unwrap().message().to_owned();
            assert!(message.starts_with(&format!("table {} is not empty", table.name)), "{message}");
            client.batch_execute("ROLLBACK TO before").await.unwrap();
            let count = texts(client, &format!("SELECT count(*) FROM {}", table.name)).await;
            assert_eq!(count, [[Some("1".to_owned())]]);
            client.batch_execute("ROLLBACK").await.unwrap();
        }
        let query = "SELECT count(*) FROM pg_class WHERE relnamespace = quote_ident(current_schema)::regnamespace AND relkind = 'r'";
        assert_eq!(texts(client, query).await, [[Some(tables().len().to_string())]]);
    });
}
