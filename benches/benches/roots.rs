//! The root of a million pairs, from the balances and from five million rows, and a claim once it is known.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pipeline::{Budget, ReadFrom, Root, Schemas, SnapshotArgument, migrate_up, root, root_from_rows};
use test_support::{TestServer, runtime};

const PAIRS: usize = 1_000_000;

fn roots(criterion: &mut Criterion) {
    let runtime = runtime();
    let database = TestServer::shared().create_database();
    let schemas = Schemas::default();
    let mut client = runtime.block_on(async {
        let mut client = database::connect(&database.config(), "bench").await.expect("a server");
        migrate_up(&mut client, &schemas).await.expect("migrations");
        schemas.own_first(&client).await.expect("schemas");
        client.batch_execute(include_str!("../sql/roots.sql")).await.expect("data");
        client
    });
    let is_whole = |root: &Root, from| assert_eq!((root.distribution.pair_count(), root.read_from), (PAIRS, from));
    let mut group = criterion.benchmark_group("root of a million pairs");
    group.sample_size(10);
    group.bench_function("from balances", |bench| {
        bench.iter(|| {
            let root = runtime
                .block_on(root(&mut client, &schemas, SnapshotArgument::Latest, &Budget::default()))
                .expect("a root");
            is_whole(&root, ReadFrom::Balances);
        });
    });
    group.bench_function("from 5 million rows", |bench| {
        bench.iter(|| {
            let root =
                runtime.block_on(root_from_rows(&mut client, &schemas, SnapshotArgument::Latest, &Budget::default()));
            is_whole(&root.expect("a root"), ReadFrom::Rows);
        });
    });
    group.finish();
    let root =
        runtime.block_on(root(&mut client, &schemas, SnapshotArgument::Latest, &Budget::default())).expect("a root");
    let earner = root.distribution.earners()[66_666];
    criterion.bench_function("claim of an earner among a million pairs", |bench| {
        bench.iter(|| root.claim(0, black_box(earner), &[]).expect("known"));
    });
}

criterion_group!(benches, roots);
criterion_main!(benches);
