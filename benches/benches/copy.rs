//! Arrow to COPY and back: rows of ids, dates, amounts and numbers as they are sent, and as a server sends them.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{BinaryBuilder, Date32Array, Int32Array, RecordBatch, UInt32Array};
use arrow_copy::{Column, CopyError, Decoder, Encoder, Kind};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pg_numeric::Numeric;
use reward_rules::Dictionary;

const ROWS: u32 = 16_384;
const COLUMNS: [Column; 4] = [
    Column::new("earner", Kind::Id),
    Column::new("snapshot", Kind::Day),
    Column::new("amount", Kind::Numeric),
    Column::new("run_id", Kind::Int4),
];

fn amounts() -> Vec<Numeric> {
    (0..ROWS).map(|number| Numeric::from(i128::from(number + 1) * 97_796_235_930_014_064)).collect()
}

fn batch(amounts: &[Numeric]) -> RecordBatch {
    let mut wires = BinaryBuilder::new();
    let mut wire = Vec::new();
    for amount in amounts {
        wire.clear();
        amount.write_wire(&mut wire);
        wires.append_value(&wire);
    }
    let rows = amounts.len();
    RecordBatch::try_new(
        Column::schema(&COLUMNS),
        vec![
            Arc::new(UInt32Array::from_iter_values(0..ROWS)),
            Arc::new(Date32Array::from_value(20_800, rows)),
            Arc::new(wires.finish()),
            Arc::new(Int32Array::from_value(1, rows)),
        ],
    )
    .expect("columns of one length")
}

fn copy(criterion: &mut Criterion) {
    let mut dictionary = Dictionary::new();
    for number in 0..ROWS {
        dictionary.intern(&format!("0x{number:040x}"));
    }
    let amounts = amounts();
    let rows = batch(&amounts);
    let mut group = criterion.benchmark_group("copy");
    group.throughput(Throughput::Elements(u64::from(ROWS)));
    group.bench_function("amounts to arrow", |bench| bench.iter(|| batch(black_box(&amounts))));
    group.bench_function("arrow to rows", |bench| {
        bench.iter(|| {
            let mut encoder = Encoder::of_rows();
            encoder.append(black_box(&rows), &dictionary).expect("rows of the columns");
            encoder.take()
        });
    });
    let mut encoder = Encoder::new();
    encoder.append(&rows, &dictionary).expect("rows of the columns");
    encoder.finish();
    let message = encoder.take();
    group.bench_function("rows to arrow", |bench| {
        let mut dictionary = dictionary.clone();
        bench.iter(|| {
            let mut decoder = Decoder::new(&COLUMNS);
            let mut read = 0;
            let mut each = |batch: &RecordBatch, _: &Dictionary| {
                read += batch.num_rows();
                Ok::<(), CopyError>(())
            };
            decoder.read(black_box(&message), &mut dictionary, &mut each).expect("rows of the columns");
            decoder.finish(&dictionary, &mut each).expect("rows of the columns");
            assert_eq!(read, ROWS as usize);
        });
    });
    let wires = arrow::array::AsArray::as_binary::<i32>(rows.column(2));
    group.bench_function("arrow to amounts", |bench| {
        bench.iter(|| {
            let amounts = wires.iter().flatten().map(|wire| Numeric::read_wire(wire).expect("an amount"));
            amounts.collect::<Vec<_>>()
        });
    });
    group.bench_function("texts to ids", |bench| {
        let texts: Vec<&str> = dictionary.texts().collect();
        bench.iter(|| {
            let mut dictionary = Dictionary::new();
            texts.iter().map(|text| dictionary.intern(black_box(text))).collect::<Vec<_>>()
        });
    });
    group.finish();
}

criterion_group!(benches, copy);
criterion_main!(benches);
