//! Whether a schema has the tables.

use bronze::{ColumnProblem, Presence, presence, tables};

use crate::support::{SCHEMA, with_schema, with_tables};

fn named(problem: &ColumnProblem) -> (&'static str, &'static str) {
    (problem.table, problem.column)
}

#[test]
fn none() {
    with_schema(async |client| {
        assert_eq!(presence(client, "no such schema").await.unwrap(), Presence::None);
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::None);
        // Other tables, and those the calculation does not read, are no sign of an indexer.
        client
            .batch_execute("CREATE TABLE operator_sets (); CREATE TABLE t (); CREATE INDEX blocks ON t ((1))")
            .await
            .unwrap();
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::None);
        client.batch_execute("CREATE SCHEMA other; CREATE TABLE other.blocks (number bigint)").await.unwrap();
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::None);
    });
}

#[test]
fn all() {
    with_tables(async |client| {
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::All);
        // The search path does not matter.
        client.batch_execute("SET search_path TO public").await.unwrap();
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::All);
        assert_eq!(presence(client, "public").await.unwrap(), Presence::None);
    });
}

#[test]
fn views_will_do() {
    with_tables(async |client| {
        client
            .batch_execute("ALTER TABLE blocks RENAME TO rows; CREATE VIEW blocks AS SELECT * FROM rows")
            .await
            .unwrap();
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::All);
    });
}

#[test]
fn what_is_not_read_may_be_absent() {
    with_tables(async |client| {
        for table in tables() {
            if !table.read {
                client.batch_execute(&format!("DROP TABLE {}", table.name)).await.unwrap();
                continue;
            }
            for column in table.columns.iter().filter(|column| !column.read) {
                let drop = format!("ALTER TABLE {} DROP COLUMN {}", table.name, column.name);
                client.batch_execute(&drop).await.unwrap();
            }
        }
        assert_eq!(presence(client, SCHEMA).await.unwrap(), Presence::All);
    });
}

#[test]
fn a_table_is_missing() {
    with_tables(async |client| {
        for table in tables().iter().filter(|table| table.read) {
            let rename = format!("BEGIN; ALTER TABLE {} RENAME TO gone", table.name);
            client.batch_execute(&rename).await.unwrap();
            let expected = Presence::Partial { missing: vec![table.name], wrong: vec![] };
            assert_eq!(presence(client, SCHEMA).await.unwrap(), expected);
            client.batch_execute("ROLLBACK").await.unwrap();
        }
    });
}

#[test]
fn a_column_is_missing() {
    with_tables(async |client| {
        for table in tables().iter().filter(|table| table.read) {
            for column in table.columns.iter().filter(|column| column.read) {
                let drop = format!("BEGIN; ALTER TABLE {} DROP COLUMN {}", table.name, column.name);
                client.batch_execute(&drop).await.unwrap();
                let found = presence(client, SCHEMA).await.unwrap();
                let Presence::Partial { missing, wrong } = &found else { panic!("{found:?}") };
                let [problem] = wrong.as_slice() else { panic!("{found:?}") };
                assert_eq!((missing.as_slice(), named(problem)), (&[] as &[&str], (table.name, column.name)));
                assert_eq!(problem.to_string(), format!("table {} has no column {}", table.name, column.name));
                client.batch_execute("ROLLBACK").await.unwrap();
            }
        }
    });
}

#[test]
fn tables_and_columns_are_missing() {
    with_tables(async |client| {
        let change = "DROP TABLE excluded_addresses, operator_pi_splits; ALTER TABLE blocks RENAME number TO no";
        client.batch_execute(change).await.unwrap();
        let Presence::Partial { missing, wrong } = presence(client, SCHEMA).await.unwrap() else { panic!() };
        assert_eq!(missing, ["operator_pi_splits", "excluded_addresses"]);
        assert_eq!(wrong.iter().map(named).collect::<Vec<_>>(), [("blocks", "number")]);
    });
}

#[test]
fn a_single_table_is_not_none() {
    with_schema(async |client| {
        client.batch_execute("CREATE TABLE blocks (number bigint, block_time timestamp)").await.unwrap();
        let Presence::Partial { missing, wrong } = presence(client, SCHEMA).await.unwrap() else { panic!() };
        assert_eq!(missing.len(), tables().iter().filter(|table| table.read).count() - 1);
        assert_eq!(wrong, []);
    });
}
