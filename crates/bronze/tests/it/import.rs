//! What is in the files is in the tables afterwards.

use std::fmt::Write as _;

use bronze::{Column, ColumnType, Imported, Table, Text, import, table, tables};
use tempfile::TempDir;
use test_support::repo_root;

use crate::support::{Heard, Listener, SCHEMA, address, folder, hash, load, texts, with_tables};

/// Long enough for several blocks of a COPY.
const MANY: usize = 6000;

/// A value of a column for row `row`, different in each row (but for booleans), as the server prints it.
fn value(column: &Column, row: usize) -> Option<String> {
    // The second row has NULL wherever it may.
    if column.nullable && row == 1 {
        return None;
    }
    Some(match column.kind {
        ColumnType::Text(Text::Address) => address(row),
        ColumnType::Text(Text::MixedCaseAddress) => format!("0xAbCdEf{row:034X}"),
        ColumnType::Text(Text::Hash) => hash(row),
        ColumnType::Text(Text::Free) => format!("free {row}"),
        ColumnType::Numeric if row == 2 => format!("-1{}.5", "0".repeat(100)),
        ColumnType::Numeric => format!("{}{}", row + 1, "7".repeat(40)),
        ColumnType::Numeric78 if row == 2 => "9".repeat(78),
        ColumnType::Numeric78 | ColumnType::Int4 | ColumnType::Int8 => row.to_string(),
        ColumnType::Bool => row.is_multiple_of(2).to_string(),
        ColumnType::Date => format!("2024-02-{:02}", 27 + row),
        ColumnType::Timestamp => format!("2024-02-29 23:59:5{row}.12345{}", row + 1),
        ColumnType::TimestampTz => format!("2024-02-29 23:59:5{row}+00"),
    })
}

/// The columns of rows, in the order of a key that starts with them.
fn select(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("{}::text", column.name)).collect();
    let order: Vec<&str> = table.columns.iter().filter(|column| !column.nullable).map(|column| column.name).collect();
    format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), table.name, order.join(", "))
}

fn csv(header: &[&str], rows: &[Vec<Option<String>>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row.iter().map(|value| value.as_deref().unwrap_or_default())).unwrap();
    }
    writer.into_inner().unwrap()
}

/// A file of every table with three rows, and the rows.
fn every_table(prefix: &str) -> (TempDir, Vec<Vec<Vec<Option<String>>>>) {
    let mut files = Vec::new();
    let mut all = Vec::new();
    for table in tables() {
        let rows: Vec<Vec<Option<String>>> =
            (0..3).map(|row| table.columns.iter().map(|column| value(column, row)).collect()).collect();
        let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        files.push((format!("{prefix}{}.csv", table.name), csv(&header, &rows)));
        all.push(rows);
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    (folder(&files), all)
}

#[test]
fn every_table_in_both_layouts() {
    for prefix in ["", "bronze/"] {
        with_tables(async |client| {
            let (dir, all) = every_table(prefix);
            let imported = load(client, dir.path()).await.unwrap();
            let expected: Vec<Imported> =
                tables().iter().map(|table| Imported { table: table.name, rows: 3 }).collect();
            assert_eq!(imported, expected, "in the order of the spec");
            for (table, mut rows) in tables().iter().zip(all) {
                let mut found = texts(client, &select(table)).await;
                found.sort();
                rows.sort();
                assert_eq!(found, rows, "{}", table.name);
            }
            // The search path of the session is its own.
            let path = texts(client, "SHOW search_path").await;
            assert_eq!(path, [[Some(format!("\"{SCHEMA}\""))]]);
        });
    }
}

#[test]
fn the_inner_folder_has_precedence_and_other_files_are_left_alone() {
    with_tables(async |client| {
        let row = |number: usize| format!("number,hash,block_time\n{number},{},2024-01-01 00:00:00\n", hash(1));
        let (inner, outer) = (row(1), row(2));
        let dir = folder(&[
            ("bronze/blocks.csv", inner.as_bytes()),
            ("blocks.csv", outer.as_bytes()),
            ("bronze/README.md", b"no table"),
            ("bronze/nothing", b""),
            ("bronze/deeper/what.csv", b"no table"),
        ]);
        assert_eq!(load(client, dir.path()).await.unwrap(), [Imported { table: "blocks", rows: 1 }]);
        assert_eq!(texts(client, "SELECT number FROM blocks").await, [[Some("1".to_owned())]]);
    });
}

#[test]
fn some_tables_and_columns_in_any_order() {
    with_tables(async |client| {
        let excluded = format!("network,address\nmainnet,{}\nholesky,{}\n", address(1), address(2));
        let blocks = format!("block_time,number,hash\n2024-01-01 00:00:00,7,{}\n", hash(1));
        // Only names: nothing to load.
        let splits =
            "log_index,transaction_hash,block_number,new_default_operator_split_bips,old_default_operator_split_bips\n";
        let dir = folder(&[
            ("excluded_addresses.csv", excluded.as_bytes()),
            ("default_operator_splits.csv", splits.as_bytes()),
            ("blocks.csv", blocks.as_bytes()),
        ]);
        let imported: Vec<(&str, u64)> =
            load(client, dir.path()).await.unwrap().iter().map(|table| (table.table, table.rows)).collect();
        assert_eq!(imported, [("blocks", 1), ("default_operator_splits", 0), ("excluded_addresses", 2)]);
        let found = texts(client, "SELECT number, parent_hash, created_at FROM blocks").await;
        assert_eq!(found, [[Some("7".to_owned()), None, None]]);
        let found = texts(client, "SELECT network, description FROM excluded_addresses ORDER BY address").await;
        assert_eq!(found, [[Some("mainnet".to_owned()), None], [Some("holesky".to_owned()), None]]);
    });
}

#[test]
fn a_default_applies_where_the_column_is_left_out() {
    with_tables(async |client| {
        let table = table("reward_submissions").unwrap();
        let columns: Vec<&Column> = table.columns.iter().filter(|column| column.name != "is_for_all").collect();
        let header: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let rows = vec![columns.iter().map(|column| value(column, 0)).collect()];
        let without = csv(&header, &rows);
        load(client, folder(&[("reward_submissions.csv", &without)]).path()).await.unwrap();
        assert_eq!(texts(client, "SELECT is_for_all FROM reward_submissions").await, [[Some("f".to_owned())]]);
    });
}

#[test]
fn rows_are_added() {
    with_tables(async |client| {
        for (number, rows) in [(1, 1), (2, 2)] {
            let file = format!("number,hash,block_time\n{number},{},2024-01-01 00:00:00\n", hash(1));
            load(client, folder(&[("blocks.csv", file.as_bytes())]).path()).await.unwrap();
            assert_eq!(texts(client, "SELECT count(*) FROM blocks").await, [[Some(rows.to_string())]]);
        }
        // NULL is not equal to NULL: such rows have no key.
        let file =
            format!("staker,operator,delegated,block_number,log_index\n{0},{0},true,1,1\n{0},{0},f,1,1\n", address(1));
        let dir = folder(&[("staker_delegation_changes.csv", file.as_bytes())]);
        assert_eq!(load(client, dir.path()).await.unwrap()[0].rows, 2);
        assert_eq!(load(client, dir.path()).await.unwrap()[0].rows, 2);
    });
}

#[test]
fn excluded_addresses_are_replaced() {
    with_tables(async |client| {
        let first = format!("address,network,description\n{},mainnet,old\n{},mainnet,kept\n", address(1), address(2));
        load(client, folder(&[("excluded_addresses.csv", first.as_bytes())]).path()).await.unwrap();
        let second = format!("address,network\n{},holesky\n{},mainnet\n", address(1), address(3));
        let imported = load(client, folder(&[("excluded_addresses.csv", second.as_bytes())]).path()).await.unwrap();
        assert_eq!(imported, [Imported { table: "excluded_addresses", rows: 2 }]);
        let found = texts(client, "SELECT network, description FROM excluded_addresses ORDER BY address").await;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found, [[text("holesky"), None], [text("mainnet"), text("kept")], [text("mainnet"), None]]);
    });
}

#[test]
fn descriptions_survive() {
    with_tables(async |client| {
        let descriptions = [
            "plain",
            "comma, comma",
            "\"quoted\"",
            "\"",
            "\"\"",
            "line\nline\n",
            "line\r\nline",
            "\r",
            "\ttab\t",
            "\\",
            "\\.",
            "\\N",
            "\\n",
            "\\\\t",
            "N",
            "NULL",
            "null",
            " spaces ",
            "ünïcode €",
            "🦀",
            "'; DROP TABLE blocks; --",
            "\u{1}\u{7f}",
            "\n",
            "\\.\n",
            "$1",
            "%s",
            "\u{feff}x",
            "a\u{2028}b",
            "\u{8}\u{b}\u{c}",
        ];
        let long = "x\\\n\t\",é".repeat(50_000);
        let descriptions: Vec<&str> = descriptions.into_iter().chain([long.as_str()]).collect();
        let table = table("operator_directed_operator_set_reward_submissions").unwrap();
        let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let mut rows = Vec::new();
        for (index, description) in descriptions.iter().chain([&""]).enumerate() {
            let row = table.columns.iter().map(|column| match column.name {
                "description" => Some((*description).to_owned()),
                "log_index" => Some(index.to_string()),
                _ => value(column, 0),
            });
            rows.push(row.collect());
        }
        let dir = folder(&[("operator_directed_operator_set_reward_submissions.csv", &csv(&header, &rows))]);
        load(client, dir.path()).await.unwrap();
        let query = format!("SELECT description FROM {} ORDER BY log_index", table.name);
        let found: Vec<Option<String>> = texts(client, &query).await.into_iter().flatten().collect();
        let expected: Vec<Option<String>> =
            descriptions.iter().chain([&""]).map(|description| Some((*description).to_owned())).collect();
        assert_eq!(found, expected, "an empty text that must not be NULL is an empty text");
    });
}

#[test]
fn line_ends_blank_lines_and_byte_order_marks() {
    with_tables(async |client| {
        let row = |number: usize| format!("{number},\"{}\",2024-01-01 00:00:00", hash(1));
        let header = "number,hash,block_time";
        let files = [
            format!("{header}\n{}\n{}", row(1), row(2)),
            format!("{header}\r\n{}\r\n{}\r\n", row(1), row(2)),
            format!("\u{feff}{header}\n{}\n{}\n", row(1), row(2)),
            format!("\n{header}\n\n{}\n\n\n{}\n\n", row(1), row(2)),
            format!("\"number\",\"hash\",\"block_time\"\n{}\n{}\n", row(1), row(2)),
        ];
        for file in files {
            client.batch_execute("TRUNCATE blocks").await.unwrap();
            load(client, folder(&[("blocks.csv", file.as_bytes())]).path()).await.unwrap();
            let found: Vec<Option<String>> =
                texts(client, "SELECT number FROM blocks ORDER BY 1").await.into_iter().flatten().collect();
            assert_eq!(found, [Some("1".to_owned()), Some("2".to_owned())], "{file}");
        }
    });
}

#[test]
fn other_spellings_of_values() {
    with_tables(async |client| {
        let file = format!(
            "staker,operator,delegated,block_number,log_index\n{0},{0},t,1,+5\n{0},{0},f,-9223372036854775808,-0\n\
             {0},{0},true,007,2147483647\n{0},{0},false,9223372036854775807,-2147483648\n",
            address(1)
        );
        load(client, folder(&[("staker_delegation_changes.csv", file.as_bytes())]).path()).await.unwrap();
        let query = "SELECT delegated, block_number, log_index FROM staker_delegation_changes ORDER BY log_index";
        let found: Vec<String> = texts(client, query)
            .await
            .into_iter()
            .map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(found, ["f 9223372036854775807 -2147483648", "f -9223372036854775808 0", "t 1 5", "t 7 2147483647"]);
        let file = format!(
            "address,network,created_at\n{},m,2024-01-01 02:30:00+02:30\n{},m,2024-01-01 00:00:00.5\n{},m,2024-01-01 01:00:00.250000+01\n",
            address(1),
            address(2),
            address(3)
        );
        load(client, folder(&[("excluded_addresses.csv", file.as_bytes())]).path()).await.unwrap();
        let found = texts(client, "SELECT created_at FROM excluded_addresses ORDER BY address").await;
        assert_eq!(
            found.into_iter().flatten().flatten().collect::<Vec<_>>(),
            ["2024-01-01 00:00:00+00", "2024-01-01 00:00:00.5+00", "2024-01-01 00:00:00.25+00"]
        );
    });
}

#[test]
fn what_the_server_writes_can_be_read_back() {
    with_tables(async |client| {
        let (dir, _) = every_table("");
        load(client, dir.path()).await.unwrap();
        let mut files = Vec::new();
        let mut before = Vec::new();
        for table in tables() {
            let rows = texts(client, &select(table)).await;
            let copy = client.copy_out(&format!("COPY {} TO STDOUT (FORMAT csv, HEADER)", table.name)).await.unwrap();
            let mut content = Vec::new();
            let mut copy = std::pin::pin!(copy);
            while let Some(block) =
                futures_util::future::poll_fn(|context| futures_util::Stream::poll_next(copy.as_mut(), context)).await
            {
                content.extend_from_slice(&block.unwrap());
            }
            files.push((format!("{}.csv", table.name), content));
            before.push(rows);
        }
        let names: Vec<&str> = tables().iter().map(|table| table.name).collect();
        client.batch_execute(&format!("TRUNCATE {}", names.join(", "))).await.unwrap();
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        load(client, folder(&files).path()).await.unwrap();
        for (table, rows) in tables().iter().zip(before) {
            assert_eq!(texts(client, &select(table)).await, rows, "{}", table.name);
        }
    });
}

#[test]
fn the_mainnet_list_fits() {
    with_tables(async |client| {
        let path = repo_root().join("fixtures/mainnet");
        let imported = load(client, &path).await.unwrap();
        assert_eq!(imported, [Imported { table: "excluded_addresses", rows: 48 }]);
    });
}

#[test]
fn progress_is_told() {
    with_tables(async |client| {
        let mut blocks = String::from("number,hash,block_time\r\n");
        for number in 0..MANY {
            write!(blocks, "{number},{},2024-01-01 00:00:00\r\n", hash(number)).unwrap();
        }
        let excluded = format!("address,network\n{},mainnet\n", address(1));
        let dir = folder(&[("blocks.csv", blocks.as_bytes()), ("excluded_addresses.csv", excluded.as_bytes())]);
        let listener = Listener::default();
        import(client, SCHEMA, dir.path(), &listener).await.unwrap();
        assert_eq!(texts(client, "SELECT count(*) FROM blocks").await, [[Some(MANY.to_string())]]);

        let heard = listener.0.into_inner().unwrap();
        let mut files = heard.split_inclusive(|event| matches!(event, Heard::Done(..)));
        for (name, bytes, rows) in [("blocks", blocks.len(), MANY), ("excluded_addresses", excluded.len(), 1)] {
            let [start, middle @ .., done] = files.next().unwrap() else { panic!("{heard:?}") };
            let bytes = u64::try_from(bytes).unwrap();
            assert_eq!(*start, Heard::Start(name.to_owned(), bytes));
            assert_eq!(*done, Heard::Done(name.to_owned(), u64::try_from(rows).unwrap()));
            let advances: Vec<u64> = middle
                .iter()
                .map(|event| match event {
                    Heard::Advance(table, bytes) if table == name => *bytes,
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(advances.iter().sum::<u64>(), bytes, "all of the file's bytes");
            assert!(advances.len() > 1 || rows == 1, "not all at once");
        }
        assert_eq!(files.next(), None);
    });
}
