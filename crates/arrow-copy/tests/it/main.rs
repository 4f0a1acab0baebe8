//! Batches through a real server and back.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow_copy::{Column, CopyIn, Kind, copy_out};
use pg_numeric::Numeric;
use reward_rules::Dictionary;
use test_support::{TestDatabase, TestServer, runtime};
use tokio_postgres::{Client, NoTls};

const COLUMNS: [Column; 7] = [
    Column::new("id", Kind::Id),
    Column::new("day", Kind::Day),
    Column::new("amount", Kind::Numeric),
    Column::new("small", Kind::Int4),
    Column::new("large", Kind::Int8),
    Column::new("flag", Kind::Bool),
    Column::new("instant", Kind::Timestamp),
];
const CREATE: &str = "CREATE TABLE t (id text, day date, amount numeric, small integer, large bigint, flag boolean, \
    instant timestamp)";
const IN: &str = "COPY t FROM STDIN (FORMAT binary)";
const OUT: &str = "COPY (SELECT * FROM t ORDER BY large) TO STDOUT (FORMAT binary)";

async fn client(database: &TestDatabase) -> Client {
    let (client, connection) = database.config().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(CREATE).await.unwrap();
    client
}

fn wire(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    text.parse::<Numeric>().unwrap().write_wire(&mut bytes);
    bytes
}

/// A batch with every kind, extremes and NULLs; `large` counts from 0.
fn batch(dictionary: &mut Dictionary) -> RecordBatch {
    let ids = ["0x00", "0xff", "é ∞"].map(|text| dictionary.intern(text).0);
    let amounts = ["0.00", "-12345678901234567890123456789.5"].map(wire);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from(vec![Some(ids[0]), Some(ids[1]), Some(ids[2]), None])),
        Arc::new(Date32Array::from(vec![Some(0), Some(-1), Some(20_413), None])),
        Arc::new(BinaryArray::from(vec![Some(amounts[0].as_slice()), Some(amounts[1].as_slice()), None, None])),
        Arc::new(Int32Array::from(vec![Some(i32::MIN), Some(i32::MAX), None, None])),
        Arc::new(Int64Array::from(vec![0, 1, 2, i64::MAX])),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, None])),
        Arc::new(TimestampMicrosecondArray::from(vec![Some(0), Some(-1), Some(1_763_700_000_000_001), None])),
    ];
    RecordBatch::try_new(Column::schema(&COLUMNS), columns).unwrap()
}

#[test]
fn every_kind_survives_a_round_trip_and_the_server_reads_the_same() {
    let database = TestServer::shared().create_database();
    runtime().block_on(async {
        let mut client = client(&database).await;
        let transaction = client.transaction().await.unwrap();
        let mut dictionary = Dictionary::new();
        let sent = batch(&mut dictionary);
        let mut copy = CopyIn::start(&transaction, IN).await.unwrap();
        copy.send(&sent, &dictionary).await.unwrap();
        assert_eq!(copy.finish().await.unwrap(), 4);
        let received = copy_out(&transaction, OUT, &COLUMNS, &mut dictionary).await.unwrap();
        assert_eq!(received, [sent]);
        let texts = "SELECT concat_ws('|', id, day, amount, small, flag, instant) FROM t ORDER BY large LIMIT 3";
        let rows: Vec<String> = transaction.query(texts, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(
            rows,
            [
                "0x00|1970-01-01|0.00|-2147483648|t|1970-01-01 00:00:00",
                "0xff|1969-12-31|-12345678901234567890123456789.5|2147483647|f|1969-12-31 23:59:59.999999",
                "é ∞|2025-11-21|2025-11-21 04:40:00.000001",
            ]
        );
    });
}

#[test]
fn many_rows_come_in_several_batches_in_order() {
    const ROWS: i64 = 40_000;
    let database = TestServer::shared().create_database();
    runtime().block_on(async {
        let mut client = client(&database).await;
        let transaction = client.transaction().await.unwrap();
        let mut dictionary = Dictionary::new();
        let insert = "INSERT INTO t (id, large) SELECT 'x' || n % 7, n FROM generate_series(0, 39999) n";
        transaction.execute(insert, &[]).await.unwrap();
        let batches = copy_out(&transaction, OUT, &COLUMNS, &mut dictionary).await.unwrap();
        assert!(batches.len() > 1);
        assert_eq!(dictionary.len(), 7);
        let numbers = batches.iter().flat_map(|batch| {
            let column = batch.column(4).as_any().downcast_ref::<Int64Array>().unwrap();
            column.values().to_vec()
        });
        assert!(numbers.eq(0..ROWS));
    });
}

#[test]
fn nothing_lands_without_finish() {
    let database = TestServer::shared().create_database();
    runtime().block_on(async {
        let mut client = client(&database).await;
        let transaction = client.transaction().await.unwrap();
        let mut dictionary = Dictionary::new();
        let sent = batch(&mut dictionary);
        let mut copy = CopyIn::start(&transaction, IN).await.unwrap();
        copy.send(&sent, &dictionary).await.unwrap();
        drop(copy);
        // The server ended the statement with an error; the session goes on.
        transaction.rollback().await.unwrap();
        let count: i64 = client.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get(0);
        assert_eq!(count, 0);
    });
}

#[test]
fn a_wrong_declaration_is_an_error_that_names_the_column() {
    let database = TestServer::shared().create_database();
    runtime().block_on(async {
        let mut client = client(&database).await;
        let transaction = client.transaction().await.unwrap();
        transaction.execute("INSERT INTO t (small) VALUES (1)", &[]).await.unwrap();
        let statement = "COPY (SELECT small FROM t) TO STDOUT (FORMAT binary)";
        let declared = [Column::new("small", Kind::Int8)];
        let error = copy_out(&transaction, statement, &declared, &mut Dictionary::new()).await.unwrap_err();
        assert_eq!(error.to_string(), "COPY column small: expected bigint, got 4 bytes");
    });
}
