//! Bad input is refused, says where, and changes nothing.

use std::error::Error as _;
use std::path::Path;

use bronze::{BronzeError, tables};
use tokio_postgres::Client;

use crate::support::{address, everything, folder, hash, load, texts, with_schema, with_tables};

const BLOCKS: &str = "number,hash,block_time";

fn block(number: usize) -> String {
    format!("{number},{},2024-01-01 00:00:00", hash(1))
}

/// A good file of blocks: sorts before every other table, so it is loaded when the next is found bad.
fn good_blocks() -> String {
    format!("{BLOCKS}\n{}\n{}\n", block(100), block(101))
}

/// Tables with a row of blocks.
fn with_a_row(test: impl AsyncFnOnce(&mut Client)) {
    with_tables(async |client| {
        let insert = format!("INSERT INTO blocks (number, hash, block_time) VALUES (1, '{}', '2024-01-01')", hash(1));
        client.batch_execute(&insert).await.unwrap();
        test(client).await;
    });
}

/// Imports files that must be refused without a change, and gives the error with the folder it happened in.
async fn refused(client: &mut Client, files: &[(&str, &[u8])]) -> (BronzeError, tempfile::TempDir) {
    let dir = folder(files);
    let before = everything(client).await;
    let error = load(client, dir.path()).await.expect_err("refused");
    assert_eq!(everything(client).await, before, "nothing has changed");
    (error, dir)
}

/// The error for a bad file after a good one, as text without the folder.
async fn refused_text(client: &mut Client, name: &str, content: &[u8]) -> String {
    let blocks = good_blocks();
    let mut files: Vec<(&str, &[u8])> = vec![(name, content)];
    if name != "blocks.csv" {
        files.push(("blocks.csv", blocks.as_bytes()));
    }
    let (error, dir) = refused(client, &files).await;
    let folder = format!("{}/", dir.path().display());
    let text = error.to_string();
    assert!(text.starts_with(&folder), "{text}");
    text.replace(&folder, "")
}

#[test]
fn folders() {
    with_a_row(async |client| {
        let (error, dir) = refused(client, &[]).await;
        assert!(matches!(&error, BronzeError::NoFiles(path) if path == dir.path()), "{error:?}");
        assert!(error.to_string().contains("no CSV file"), "{error}");
        let (error, _dir) = refused(client, &[("README", b""), ("blocks.CSV", b""), ("blocks.csv.gz", b"")]).await;
        assert!(matches!(error, BronzeError::NoFiles(_)), "{error:?}");
        let (error, dir) = refused(client, &[("bronze/README", b""), ("blocks.csv", good_blocks().as_bytes())]).await;
        assert!(matches!(&error, BronzeError::NoFiles(path) if *path == dir.path().join("bronze")), "{error:?}");

        for missing in [dir.path().join("missing"), dir.path().join("blocks.csv")] {
            let error = load(client, &missing).await.unwrap_err();
            assert!(matches!(&error, BronzeError::Folder { path, .. } if *path == missing), "{error:?}");
            assert_eq!(error.to_string(), missing.display().to_string());
            assert!(error.source().is_some());
        }
        let (error, dir) = refused(client, &[("blocks.csv/x", b"")]).await;
        assert!(error.to_string().contains(&dir.path().join("blocks.csv").display().to_string()), "{error}");
    });
}

#[test]
fn tables_that_are_not_there() {
    with_a_row(async |client| {
        for name in ["block", "Blocks", "gold_table", "blocks.old", "blocks "] {
            let (error, dir) =
                refused(client, &[("blocks.csv", good_blocks().as_bytes()), (&format!("{name}.csv"), b"")]).await;
            let BronzeError::UnknownTable { path, table, known } = &error else { panic!("{error:?}") };
            assert_eq!((path, table.as_str()), (&dir.path().join(format!("{name}.csv")), name));
            assert_eq!(*known, tables().iter().map(|table| table.name).collect::<Vec<_>>().join(", "));
            assert!(error.to_string().contains(&format!("unknown table '{name}'")), "{error}");
        }
    });
}

#[test]
fn tables_that_are_not_in_the_schema() {
    with_schema(async |client| {
        let dir = folder(&[("blocks.csv", good_blocks().as_bytes())]);
        let error = load(client, dir.path()).await.unwrap_err();
        assert!(matches!(error, BronzeError::NoTable { table: "blocks", .. }), "{error:?}");
        assert_eq!(texts(client, "SELECT 'still in step'").await, [[Some("still in step".to_owned())]]);
    });
}

#[test]
fn headers() {
    with_a_row(async |client| {
        for (header, expected) in [
            (
                "number,hash,block_time,colour",
                "unknown column 'colour'; table blocks has: number, hash, parent_hash, block_time, created_at, updated_at, deleted_at",
            ),
            ("Number,hash,block_time", "unknown column 'Number'"),
            ("number, hash,block_time", "unknown column ' hash'"),
            ("number,hash,block_time,", "unknown column ''"),
            ("number;hash;block_time", "unknown column 'number;hash;block_time'"),
            ("number,hash,block_time,number", "column 'number' is named twice"),
            ("number,parent_hash,hash,parent_hash,block_time", "column 'parent_hash' is named twice"),
            ("hash,block_time", "column 'number' of table blocks is missing"),
            ("number,hash", "column 'block_time' of table blocks is missing"),
            ("number,block_time", "column 'hash' of table blocks is missing"),
            ("", "column 'number' of table blocks is missing"),
        ] {
            let text = refused_text(client, "blocks.csv", format!("{header}\n{}\n", block(2)).as_bytes()).await;
            if header.is_empty() {
                // A blank line is none: the first row is taken for the header.
                assert!(text.starts_with("blocks.csv, line 2: unknown column '2'"), "{text}");
            } else {
                assert!(text.starts_with(&format!("blocks.csv, line 1: {expected}")), "{text}");
            }
        }
        let text = refused_text(client, "blocks.csv", b"").await;
        assert_eq!(text, "blocks.csv, line 1: column 'number' of table blocks is missing");
        let text = refused_text(client, "blocks.csv", b"number,h\xffash,block_time\n").await;
        assert!(text.starts_with("blocks.csv, line 1: unknown column 'h\u{fffd}ash'"), "{text}");
    });
}

#[test]
fn every_required_column_of_every_table() {
    with_a_row(async |client| {
        for table in tables() {
            for left_out in table.columns {
                let names: Vec<&str> =
                    table.columns.iter().map(|column| column.name).filter(|name| *name != left_out.name).collect();
                let file = format!("{}.csv", table.name);
                let content = format!("{}\n", names.join(","));
                if left_out.nullable || left_out.has_default {
                    let dir = folder(&[(&file, content.as_bytes())]);
                    load(client, dir.path()).await.unwrap();
                    continue;
                }
                let (error, dir) = refused(client, &[(&file, content.as_bytes())]).await;
                let BronzeError::Header { path, reason, .. } = error else { panic!("{error:?}") };
                assert_eq!(path, dir.path().join(file));
                assert_eq!(reason, format!("column '{}' of table {} is missing", left_out.name, table.name));
            }
        }
    });
}

#[test]
fn numbers_of_fields() {
    with_a_row(async |client| {
        for (row, count) in [("1", 1), ("1,2", 2), ("1,2,3,4", 4), (",,,", 4), ("\"1,2,3\"", 1)] {
            let content = format!("{BLOCKS}\n{}\n{row}\n", block(2));
            let text = refused_text(client, "blocks.csv", content.as_bytes()).await;
            assert_eq!(text, format!("blocks.csv, line 3: {count} fields, but the header has 3"));
        }
    });
}

/// A value that is refused in a column of the second row of a file.
async fn bad_value(client: &mut Client, table: &str, column: &str, good: &[(&str, &str)], bad: &str, reason: &str) {
    let header: Vec<&str> = good.iter().map(|(name, _)| *name).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    writer.write_record(good.iter().map(|(_, value)| *value)).unwrap();
    writer.write_record(good.iter().map(|(name, value)| if *name == column { bad } else { value })).unwrap();
    let content = writer.into_inner().unwrap();
    let text = refused_text(client, &format!("{table}.csv"), &content).await;
    let shown = if bad.is_empty() { String::new() } else { format!("'{bad}' ") };
    assert_eq!(text, format!("{table}.csv, line 3, column {column}: {shown}{reason}"));
}

#[test]
fn values_of_every_type() {
    with_a_row(async |client| {
        let (account, digest) = (address(1), hash(1));
        let v1: Vec<(&str, &str)> = vec![
            ("avs", &account),
            ("reward_hash", &digest),
            ("token", &account),
            ("amount", "5"),
            ("strategy", &account),
            ("strategy_index", "0"),
            ("multiplier", "1"),
            ("start_timestamp", "2024-01-01 00:00:00"),
            ("end_timestamp", "2024-01-02 00:00:00"),
            ("duration", "86400"),
            ("is_for_all", "false"),
            ("reward_type", "avs"),
            ("block_number", "1"),
            ("transaction_hash", &digest),
            ("log_index", "1"),
        ];
        let upper = format!("0x{}", "A".repeat(40));
        let long = format!("0x{}", "a".repeat(41));
        let odd = format!("0x{}g", "a".repeat(39));
        let shout = format!("0X{}", "a".repeat(40));
        let newline = format!("{account}\n");
        for bad in ["x", "0x", &upper, &long, &odd, &shout, &digest, &format!(" {account}"), &newline] {
            for column in ["avs", "token", "strategy"] {
                bad_value(client, "reward_submissions", column, &v1, bad, "is not 0x and 40 lower-case hex digits")
                    .await;
            }
        }
        let upper = format!("0x{}", "F".repeat(64));
        for column in ["reward_hash", "transaction_hash"] {
            for bad in [&account, &upper, &"a".repeat(64)] {
                bad_value(client, "reward_submissions", column, &v1, bad, "is not 0x and 64 lower-case hex digits")
                    .await;
            }
        }
        for bad in ["NaN", "nan", "Infinity", "1e3", "0x10", "1,5", "1.", ".5", "-", "--1", " 1", "1_000", "٣"] {
            bad_value(client, "reward_submissions", "amount", &v1, bad, "is not a finite decimal number").await;
        }
        for bad in ["NaN", "1.0", "1e3", &"9".repeat(79), &format!("-1{}", "0".repeat(78)), "+-1"] {
            let reason = "is not an integer of at most 78 digits";
            bad_value(client, "reward_submissions", "multiplier", &v1, bad, reason).await;
        }
        for bad in ["2147483648", "-2147483649", "1.0", "x", " 1", "1e3"] {
            bad_value(client, "reward_submissions", "strategy_index", &v1, bad, "is not a 32-bit integer").await;
        }
        for bad in ["9223372036854775808", "-9223372036854775809", "1.0", "x"] {
            for column in ["duration", "block_number", "log_index"] {
                bad_value(client, "reward_submissions", column, &v1, bad, "is not a 64-bit integer").await;
            }
        }
        for bad in ["yes", "1", "TRUE", "tru"] {
            bad_value(client, "reward_submissions", "is_for_all", &v1, bad, "is not true or false").await;
        }
        for bad in [
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01 00:00:00Z",
            "2024-01-01 00:00:00+00",
            "2023-02-29 00:00:00",
            "2024-01-01 24:00:00",
            "2024-13-01 00:00:00",
            "01.01.2024 00:00:00",
            "now",
            "infinity",
            "2024-01-01 00:00",
        ] {
            let reason = "is not a UTC timestamp YYYY-MM-DD HH:MM:SS[.ffffff]";
            bad_value(client, "reward_submissions", "start_timestamp", &v1, bad, reason).await;
        }
        let required = v1
            .iter()
            .filter(|(name, _)| !["is_for_all", "transaction_hash", "log_index", "reward_type"].contains(name));
        for (column, _) in required {
            bad_value(client, "reward_submissions", column, &v1, "", "is empty, but must not be NULL").await;
        }

        let allocation: Vec<(&str, &str)> = vec![
            ("operator", &account),
            ("strategy", &account),
            ("magnitude", "1"),
            ("effective_block", "1"),
            ("operator_set_id", "0"),
            ("avs", &account),
            ("block_number", "1"),
            ("transaction_hash", &digest),
            ("log_index", "1"),
            ("effective_date", "2024-01-01"),
        ];
        for bad in ["2024-02-30", "2024-01-01 00:00:00", "01/02/2024", "today"] {
            let reason = "is not a date YYYY-MM-DD";
            bad_value(client, "operator_allocations", "effective_date", &allocation, bad, reason).await;
        }
        let excluded: Vec<(&str, &str)> = vec![
            ("address", &account),
            ("network", "mainnet"),
            ("description", "d"),
            ("created_at", "2024-01-01 00:00:00+00"),
        ];
        for bad in
            ["2024-01-01", "2024-01-01T00:00:00+00", "2024-01-01 00:00:00 Europe/Rome", "2024-01-01 00:00:00+99x"]
        {
            let reason = "is not a timestamp YYYY-MM-DD HH:MM:SS[.ffffff], with an offset or in UTC";
            bad_value(client, "excluded_addresses", "created_at", &excluded, bad, reason).await;
        }
        bad_value(client, "excluded_addresses", "description", &excluded, "a\0b", "is not text without NUL").await;
        let sample: Vec<(&str, &str)> = vec![
            ("block_number", "1"),
            ("operator", &account),
            ("avs", &account),
            ("strategy", &account),
            ("block_time", "2024-01-01 00:00:00"),
            ("avs_directory_address", ""),
        ];
        for bad in ["0x1", &long, &odd, &digest] {
            for column in ["operator", "avs", "strategy", "avs_directory_address"] {
                bad_value(client, "operator_restaked_strategies", column, &sample, bad, "is not 0x and 40 hex digits")
                    .await;
            }
        }
    });
}

#[test]
fn long_values_are_shortened() {
    with_a_row(async |client| {
        let content = format!("{BLOCKS}\n{},{},2024-01-01 00:00:00\n", "é".repeat(500), hash(1));
        let text = refused_text(client, "blocks.csv", content.as_bytes()).await;
        assert_eq!(text, format!("blocks.csv, line 2, column number: '{}…' is not a 64-bit integer", "é".repeat(90)));
    });
}

#[test]
fn invalid_utf8() {
    with_a_row(async |client| {
        for bad in [&b"\xff"[..], b"ab\xc3", b"\xed\xa0\x80"] {
            let mut content =
                format!("address,network,description\n{},mainnet,d\n{},mainnet,", address(1), address(2)).into_bytes();
            content.extend_from_slice(bad);
            content.push(b'\n');
            let text = refused_text(client, "excluded_addresses.csv", &content).await;
            assert_eq!(text, "excluded_addresses.csv, line 3, column description: is not UTF-8");
        }
    });
}

/// The line a bad number of a block is reported in.
async fn reported_line(client: &mut Client, content: &str) -> u64 {
    let (error, _dir) = refused(client, &[("excluded_addresses.csv", content.as_bytes())]).await;
    let BronzeError::Value { line, column: "address", .. } = error else { panic!("{error:?}") };
    line
}

/// The line, from 1, that contains BAD.
fn physical_line(content: &str) -> u64 {
    u64::try_from(content[..content.find("BAD").unwrap()].matches('\n').count()).unwrap() + 1
}

#[test]
fn lines_are_physical_lines() {
    with_a_row(async |client| {
        let good = |number: usize, description: &str| format!("{},mainnet,\"{description}\"\n", address(number));
        let header = "address,network,description\n";
        for content in [
            format!("{header}BAD,mainnet,d\n"),
            format!("{header}{}BAD,mainnet,d\n", good(1, "d")),
            format!("{header}{}BAD,mainnet,d\n", good(1, "a\nb\n\nc")),
            format!("{header}{}{}BAD,mainnet,d", good(1, "\n"), good(2, "\n\n\n")),
            format!("{header}{}BAD,mainnet,\"\n\n\"\n", good(1, "a\r\nb")),
        ] {
            assert_eq!(reported_line(client, &content).await, physical_line(&content), "{content}");
        }
        // Deep in a file, after several blocks of the COPY.
        let many: String = (0..5000).map(|number| good(number, "multi\nline")).collect();
        let content = format!("{header}{many}BAD,mainnet,d\n");
        assert_eq!(reported_line(client, &content).await, physical_line(&content));

        // The number of fields after a field of several lines.
        let content = format!("{header}{}x\n", good(1, "a\nb"));
        let text = refused_text(client, "excluded_addresses.csv", content.as_bytes()).await;
        assert_eq!(text, "excluded_addresses.csv, line 4: 1 fields, but the header has 3");
    });
}

#[test]
fn lines_are_physical_lines_with_crlf() {
    with_a_row(async |client| {
        let content = format!("address,network\r\n{},mainnet\r\nBAD,mainnet\r\n", address(1));
        assert_eq!(reported_line(client, &content).await, physical_line(&content));
    });
}

#[test]
fn lines_are_physical_lines_after_blank_lines() {
    with_a_row(async |client| {
        let content = format!("address,network\n\n{},mainnet\n\n\nBAD,mainnet\n", address(1));
        assert_eq!(reported_line(client, &content).await, physical_line(&content));
    });
}

#[test]
fn lines_are_physical_lines_inside_a_record() {
    with_a_row(async |client| {
        let content = "description,network,address\n\"a\nb\n\",mainnet,BAD\n";
        assert_eq!(reported_line(client, content).await, physical_line(content));
    });
}

#[test]
fn values_that_only_the_server_refuses() {
    with_a_row(async |client| {
        let times = [
            "0000-01-01 00:00:00",
            "-0001-01-01 00:00:00",
            "-5000-01-01 00:00:00",
            "+2024-01-01 00:00:00",
            "+12024-01-01 00:00:00",
            "24-01-01 00:00:00",
            "2024- 1- 1 00:00:00",
            "2024-01-0100:00:00",
        ];
        let (account, digest) = (address(1), hash(1));
        let mut passed = Vec::new();
        for time in times {
            let content = format!("{BLOCKS}\n{}\n3,{digest},{time}\n", block(2));
            let (error, _dir) = refused(client, &[("blocks.csv", content.as_bytes())]).await;
            if !matches!(error, BronzeError::Value { line: 3, column: "block_time", .. }) {
                passed.push(format!("{time}: {error:?}"));
            }
        }
        let content = format!("address,network,created_at\n{account},m,2024-01-01 00:00:00+20\n");
        let (error, _dir) = refused(client, &[("excluded_addresses.csv", content.as_bytes())]).await;
        if !matches!(error, BronzeError::Value { line: 2, column: "created_at", .. }) {
            passed.push(format!("zone: {error:?}"));
        }
        // PostgreSQL's numeric has room for 131072 digits before the point and 16383 after it.
        for amount in ["1".repeat(131_073), format!("1.{}", "1".repeat(16_384))] {
            let content = format!(
                "root,earner,claimer,token,claimed_amount,transaction_hash,block_number,log_index\n\
                 {digest},{account},{account},{account},{amount},{digest},1,1\n"
            );
            let (error, _dir) = refused(client, &[("rewards_claimed.csv", content.as_bytes())]).await;
            if !matches!(error, BronzeError::Value { line: 2, column: "claimed_amount", .. }) {
                passed.push(format!("{} digits: {error:?}", amount.len()));
            }
        }
        assert!(passed.is_empty(), "{passed:#?}");
    });
}

/// Whether a file is refused for a duplicate key, with file, table and key.
async fn duplicate(client: &mut Client, table: &str, content: &str, key: &str) {
    let (error, dir) = refused(client, &[(&format!("{table}.csv"), content.as_bytes())]).await;
    let BronzeError::Duplicate { path, table: named, detail, .. } = &error else { panic!("{error:?}") };
    assert_eq!((path, *named), (&dir.path().join(format!("{table}.csv")), table));
    assert!(detail.contains(key), "{detail}");
    assert!(error.to_string().contains(&format!("table {table} would have two rows with one key")), "{error}");
}

#[test]
fn duplicate_keys() {
    with_a_row(async |client| {
        let within = format!("{BLOCKS}\n{}\n{}\n{}\n", block(2), block(3), block(2));
        duplicate(client, "blocks", &within, "(number)=(2)").await;
        let before = format!("{BLOCKS}\n{}\n{}\n", block(2), block(1));
        duplicate(client, "blocks", &before, "(number)=(1)").await;
        // The server refuses early; the rest of the file is still on its way.
        let mut long = format!("{BLOCKS}\n{}\n", block(1));
        for number in 2..8000 {
            long.push_str(&block(number));
            long.push('\n');
        }
        duplicate(client, "blocks", &long, "(number)=(1)").await;
        let columns = "operator,avs,strategy,block_time,block_number";
        let sample = format!("{0},{0},{0},2024-01-01 00:00:00,3600", address(1));
        let twice = format!("{columns}\n{sample}\n{sample}\n");
        duplicate(client, "operator_restaked_strategies", &twice, "(block_number, operator, avs, strategy)=(3600, 0x")
            .await;
    });
}

#[test]
fn a_bad_second_file_takes_the_first_along() {
    with_a_row(async |client| {
        let excluded = format!("address,network\n{},mainnet\nx,mainnet\n", address(1));
        let (error, dir) = refused(
            client,
            &[("blocks.csv", good_blocks().as_bytes()), ("excluded_addresses.csv", excluded.as_bytes())],
        )
        .await;
        let BronzeError::Value { path, line: 3, column: "address", .. } = error else { panic!("{error:?}") };
        assert_eq!(path, dir.path().join("excluded_addresses.csv"));
        // Bad far beyond what has been sent already.
        let mut excluded = String::from("address,network\n");
        for number in 0..10_000 {
            excluded.push_str(&format!("{},mainnet\n", address(number)));
        }
        excluded.push_str("x,mainnet\n");
        let (error, _dir) = refused(
            client,
            &[("blocks.csv", good_blocks().as_bytes()), ("excluded_addresses.csv", excluded.as_bytes())],
        )
        .await;
        assert!(matches!(error, BronzeError::Value { line: 10_002, .. }), "{error:?}");
        // The session is as good as before: without the bad line all of it is loaded.
        let excluded = excluded.replace("x,mainnet\n", "");
        let dir = folder(&[("blocks.csv", good_blocks().as_bytes()), ("excluded_addresses.csv", excluded.as_bytes())]);
        let rows: Vec<u64> = load(client, dir.path()).await.unwrap().iter().map(|table| table.rows).collect();
        assert_eq!(rows, [2, 10_000]);
    });
}

#[test]
fn a_file_name_is_shown_as_it_is() {
    with_a_row(async |client| {
        let dir = folder(&[("a folder ü/bronze/blocks.csv", b"number\n")]);
        let error = load(client, &dir.path().join(Path::new("a folder ü"))).await.unwrap_err();
        let path = dir.path().join("a folder ü/bronze/blocks.csv");
        assert_eq!(error.to_string(), format!("{}, line 1: column 'hash' of table blocks is missing", path.display()));
    });
}
