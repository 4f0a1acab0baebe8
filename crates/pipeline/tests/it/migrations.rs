//! Migrations up, down and refused.

use pipeline::{
    MigrateError, MigrationState, RunError, Schemas, migrate_down, migrate_up, migration_status, plan_run,
    run_statuses, stored_work,
};
use test_support::runtime;

use crate::support::{Installation, catalog, of_schema, operator_sets, schemas, stored};

const NAMES: [&str; 14] = [
    "0001_bronze",
    "0002_silver",
    "0003_gold",
    "0004_delta_silver",
    "0005_ledger",
    "0006_lease",
    "0007_workers",
    "0008_rewind",
    "0009_partitions_and_indexes",
    "0010_compact_gold",
    "0011_balances",
    "0012_manifests",
    "0013_mode",
    "0014_manifest_roots",
];

/// The names above a version, newest first.
fn above(version: usize) -> Vec<&'static str> {
    NAMES[version..].iter().rev().copied().collect()
}

/// What migration 1 creates: here it makes the tables of an indexer that was there before paydirt.
fn indexers_tables() -> &'static str {
    let text = include_str!("../../../../sql/migrations/0001_bronze.sql");
    text.split_once("\n-- up\n").unwrap().1.split_once("\n-- down\n").unwrap().0
}

fn applied(states: &[MigrationState]) -> Vec<i32> {
    states.iter().filter(|state| state.applied_at.is_some()).map(|state| state.version).collect()
}

/// Everything outside of paydirt's schema: definitions and rows.
async fn elsewhere(installation: &Installation) -> Vec<String> {
    let mut all = of_schema(&catalog(&installation.client).await, "paydirt", false);
    all.extend(stored(&installation.client, "public").await);
    all
}

#[test]
fn beside_an_indexer_only_paydirts_schema_is_made_and_runs_and_migrations_leave_the_rest_alone() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::empty().await;
        installation.chain = case.chain;
        installation.execute(indexers_tables()).await;
        // An indexer's tables have their own columns, types, names and neighbours.
        installation
            .execute(
                "ALTER TABLE blocks ALTER hash TYPE varchar(255), ADD note text DEFAULT 'x'; \
                 CREATE TABLE gold_table (id integer); CREATE TABLE runs (id integer); CREATE TABLE quarantine (id integer); \
                 CREATE TABLE staker_share_snapshots (id integer); CREATE SCHEMA other; CREATE TABLE other.t (a integer)",
            )
            .await;
        installation.import(&case.path).await;
        let before = elsewhere(&installation).await;

        assert_eq!(migrate_up(&mut installation.client, &installation.schemas).await.unwrap(), NAMES);
        assert_eq!(elsewhere(&installation).await, before, "up");
        let own = of_schema(&catalog(&installation.client).await, "paydirt", true);
        for relation in ["gold_table v", "gold_rows p", "runs r", "watermarks r", "quarantine r", "staker_share_snapshots v"] {
            let line = format!("paydirt: relation {relation} p");
            assert!(own.contains(&line), "{line} is missing");
        }

        let rows = installation.complete(*case.cutoffs.last().unwrap()).await.gold_rows;
        assert!(rows > 0);
        assert_eq!(elsewhere(&installation).await, before, "run");
        let work = stored_work(&installation.client, &installation.schemas).await.unwrap().unwrap();
        assert_eq!(work, format!("1 complete runs with {rows} gold rows"));

        assert_eq!(
            migrate_down(&mut installation.client, &installation.schemas, 1).await.unwrap(),
            above(1)
        );
        assert_eq!(elsewhere(&installation).await, before, "down to 1");
        let error = migrate_down(&mut installation.client, &installation.schemas, 0).await.unwrap_err();
        assert!(matches!(error, MigrateError::Failed { name: "0001_bronze", .. }), "{error}");
        assert_eq!(elsewhere(&installation).await, before, "the indexer's rows are not dropped");
    });
}

#[test]
fn up_twice_does_nothing_the_second_time() {
    runtime().block_on(async {
        let mut installation = Installation::migrated().await;
        let before = (catalog(&installation.client).await, installation.stored().await);
        assert!(migrate_up(&mut installation.client, &installation.schemas).await.unwrap().is_empty());
        assert_eq!((catalog(&installation.client).await, installation.stored().await), before);
    });
}

#[test]
fn two_migrations_at_once_apply_each_once() {
    runtime().block_on(async {
        let mut installation = Installation::empty().await;
        let mut other = installation.connect().await;
        let schemas = Schemas::default();
        let (ours, theirs) =
            tokio::join!(migrate_up(&mut installation.client, &schemas), migrate_up(&mut other, &schemas));
        let mut names = [ours.unwrap(), theirs.unwrap()].concat();
        names.sort_unstable();
        assert_eq!(names, NAMES);
    });
}

#[test]
fn down_to_nothing_and_up_again_gives_the_same_schemas() {
    runtime().block_on(async {
        let mut installation = Installation::empty().await;
        let empty = catalog(&installation.client).await;
        let client = &mut installation.client;
        let schemas = Schemas::default();
        assert_eq!(migrate_up(client, &schemas).await.unwrap(), NAMES);
        let made = catalog(client).await;

        assert_eq!(migrate_down(client, &schemas, 2).await.unwrap(), above(2));
        assert_eq!(applied(&migration_status(client, &schemas).await.unwrap()), [1, 2]);
        assert_eq!(migrate_down(client, &schemas, 0).await.unwrap(), ["0002_silver", "0001_bronze"]);
        assert_eq!(of_schema(&catalog(client).await, "paydirt", false), empty, "nothing is left outside");
        let left = of_schema(&catalog(client).await, "paydirt", true);
        let left: Vec<&String> = left.iter().filter(|line| line.starts_with("paydirt: relation")).collect();
        assert!(left.iter().all(|line| line.contains("schema_migrations")), "only the bookkeeping is left: {left:?}");
        assert!(migrate_down(client, &schemas, 0).await.unwrap().is_empty());

        assert_eq!(migrate_up(client, &schemas).await.unwrap(), NAMES);
        assert_eq!(catalog(client).await, made);
    });
}

#[test]
fn status_lists_every_migration_and_changes_nothing() {
    runtime().block_on(async {
        let mut installation = Installation::empty().await;
        let before = catalog(&installation.client).await;
        let states = migration_status(&installation.client, &installation.schemas).await.unwrap();
        assert_eq!(states.iter().map(|state| state.name.as_str()).collect::<Vec<_>>(), NAMES);
        assert!(applied(&states).is_empty());
        assert_eq!(stored_work(&installation.client, &installation.schemas).await.unwrap(), None);
        assert_eq!(catalog(&installation.client).await, before);

        migrate_up(&mut installation.client, &installation.schemas).await.unwrap();
        let states = migration_status(&installation.client, &installation.schemas).await.unwrap();
        assert_eq!(applied(&states), (1..=i32::try_from(NAMES.len()).unwrap()).collect::<Vec<_>>());
        let time = states[0].applied_at.as_ref().unwrap();
        assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
        assert_eq!(stored_work(&installation.client, &installation.schemas).await.unwrap(), None);
    });
}

#[test]
fn a_migration_applied_with_other_content_is_refused_by_everything() {
    runtime().block_on(async {
        let mut installation = Installation::migrated().await;
        installation.execute("UPDATE paydirt.schema_migrations SET checksum = repeat('0', 64) WHERE version = 2").await;
        let before = installation.stored().await;
        let Installation { client, schemas, .. } = &mut installation;
        let is_it =
            |error: &MigrateError| matches!(error, MigrateError::Changed { version: 2, name } if name == "0002_silver");
        for error in [
            migrate_up(client, schemas).await.unwrap_err(),
            migrate_down(client, schemas, 0).await.unwrap_err(),
            migration_status(client, schemas).await.unwrap_err(),
        ] {
            assert!(is_it(&error), "{error}");
        }
        let RunError::Migrate(error) = installation.try_run("2025-04-17".parse().unwrap()).await.unwrap_err() else {
            panic!("a run needs its schema")
        };
        assert!(is_it(&error), "{error}");
        assert_eq!(installation.stored().await, before);
    });
}

#[test]
fn a_migration_of_a_newer_version_is_refused() {
    runtime().block_on(async {
        let mut installation = Installation::migrated().await;
        installation
            .execute("INSERT INTO paydirt.schema_migrations (version, name, checksum) VALUES (99, '0099_new', 'x')")
            .await;
        let before = installation.stored().await;
        let Installation { client, schemas, .. } = &mut installation;
        for error in [
            migrate_up(client, schemas).await.unwrap_err(),
            migrate_down(client, schemas, 0).await.unwrap_err(),
            migration_status(client, schemas).await.unwrap_err(),
        ] {
            assert!(matches!(&error, MigrateError::Unknown { version: 99, name } if name == "0099_new"), "{error}");
        }
        assert_eq!(installation.stored().await, before);
    });
}

#[test]
fn a_missing_migration_is_named_by_run_plan_and_status() {
    runtime().block_on(async {
        let mut installation = Installation::migrated().await;
        migrate_down(&mut installation.client, &installation.schemas, 2).await.unwrap();
        let before = (catalog(&installation.client).await, installation.stored().await);
        let request = installation.request("2025-04-17".parse().unwrap());
        let run = installation.try_request(&request).await.unwrap_err();
        let Installation { client, schemas, chain, .. } = &mut installation;
        let plan = plan_run(client, schemas, *chain, reward_rules::Mode::Compatible, request.cutoff).await.unwrap_err();
        let status = run_statuses(client, schemas).await.unwrap_err();
        for error in [run, plan, status] {
            let RunError::Migrate(MigrateError::Pending { schema, name }) = error else { panic!("{error}") };
            assert_eq!((schema.as_str(), name), ("paydirt", "0003_gold"));
        }
        assert_eq!((catalog(&installation.client).await, installation.stored().await), before);

        let never = Installation::empty().await;
        let error = run_statuses(&never.client, &never.schemas).await.unwrap_err();
        assert!(matches!(error, RunError::Migrate(MigrateError::Pending { name: "0001_bronze", .. })), "{error}");
    });
}

#[test]
fn paydirts_schema_cannot_be_the_indexers() {
    runtime().block_on(async {
        let mut installation = Installation::empty().await;
        let before = catalog(&installation.client).await;
        let same = schemas("public", "public");
        let client = &mut installation.client;
        for error in [
            migrate_up(client, &same).await.unwrap_err(),
            migrate_down(client, &same, 0).await.unwrap_err(),
            migration_status(client, &same).await.unwrap_err(),
        ] {
            assert!(matches!(&error, MigrateError::SameSchema(name) if name == "public"), "{error}");
        }
        assert_eq!(catalog(client).await, before);
    });
}

#[test]
fn an_incomplete_indexer_is_refused_with_what_is_missing_and_left_as_it_is() {
    runtime().block_on(async {
        let mut installation = Installation::empty().await;
        installation.execute(indexers_tables()).await;
        installation
            .execute(
                "DROP TABLE operator_pi_splits; ALTER TABLE blocks ALTER block_time TYPE timestamptz; \
                ALTER TABLE reward_submissions DROP token",
            )
            .await;
        let before = of_schema(&catalog(&installation.client).await, "public", true);
        let error = migrate_up(&mut installation.client, &installation.schemas).await.unwrap_err();
        let MigrateError::IncompleteSource { schema, problems } = &error else { panic!("{error}") };
        assert_eq!(schema, "public");
        for part in ["table operator_pi_splits is missing", "column block_time of table blocks", "no column token"] {
            assert!(problems.contains(part), "{part} is not in: {problems}");
        }
        assert_eq!(of_schema(&catalog(&installation.client).await, "public", true), before);
        let states = migration_status(&installation.client, &installation.schemas).await.unwrap();
        assert!(applied(&states).is_empty());
    });
}

#[test]
fn a_source_schema_that_does_not_exist_is_refused_and_its_tables_do_not_land_in_paydirts() {
    runtime().block_on(async {
        let mut installation = Installation::empty().await;
        let before = catalog(&installation.client).await;
        let nowhere = schemas("paydirt", "nowhere");
        let error = migrate_up(&mut installation.client, &nowhere).await.unwrap_err();
        assert!(matches!(&error, MigrateError::NoSourceSchema(name) if name == "nowhere"), "{error}");
        assert_eq!(catalog(&installation.client).await, before);
    });
}

#[test]
fn there_is_no_way_down_to_a_migration_that_does_not_exist() {
    runtime().block_on(async {
        let mut installation = Installation::migrated().await;
        let before = catalog(&installation.client).await;
        for to in [-1, i32::try_from(NAMES.len()).unwrap() + 1] {
            let error = migrate_down(&mut installation.client, &installation.schemas, to).await.unwrap_err();
            assert!(matches!(error, MigrateError::NoSuchVersion(version) if version == to), "{error}");
        }
        assert_eq!(catalog(&installation.client).await, before);
    });
}
