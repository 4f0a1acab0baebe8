//! The indexes of `gold_rows`: built on tables with rows, also after an interruption, and used.

use pipeline::{MigrateError, Schemas, migrate_down, migrate_up, migration_status};
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{Installation, catalog, texts};

/// The migration that makes indexes while the table is used, the one that writes the rows anew, and the one before both.
const NAMES: [&str; 6] = [
    "0009_partitions_and_indexes",
    "0010_compact_gold",
    "0011_balances",
    "0012_manifests",
    "0013_mode",
    "0014_manifest_roots",
];
const BEFORE: i32 = 8;

/// Four months, each with rows of some runs and submissions, as they were stored with texts.
const ROWS: &str = "SELECT paydirt.ensure_gold_partitions('2026-01-01', '2026-04-30'); \
    INSERT INTO paydirt.gold_rows (earner, snapshot, reward_hash, token, amount, run_id) \
    SELECT 'e' || n, date '2026-01-01' + n % 120, 'h' || n % 7, 't', n, 1 FROM generate_series(1, 3000) n";

/// The same rows with numbers.
const COMPACT_ROWS: &str = "SELECT paydirt.ensure_gold_partitions('2026-01-01', '2026-04-30'); \
    INSERT INTO paydirt.gold_earners (address) SELECT 'e' || n FROM generate_series(1, 3000) n; \
    INSERT INTO paydirt.gold_rewards (reward_hash, token) SELECT 'h' || n, 't' FROM generate_series(0, 6) n; \
    INSERT INTO paydirt.gold_rows (snapshot, earner, reward, run_id, amount) \
    SELECT date '2026-01-01' + n % 120, e.id, r.id, 1, n FROM generate_series(1, 3000) n \
    JOIN paydirt.gold_earners e ON e.address = 'e' || n JOIN paydirt.gold_rewards r ON r.reward_hash = 'h' || n % 7";

/// What a run does after loading partitions.
const BUILD_INDEXES: &str = "DO $$ DECLARE built text; BEGIN \
    FOR built IN SELECT statement FROM paydirt.missing_gold_indexes() LOOP EXECUTE built; END LOOP; END $$";

/// An installation of the version before the indexes, with rows.
async fn older() -> Installation {
    let mut installation = Installation::migrated().await;
    migrate_down(&mut installation.client, &installation.schemas, BEFORE).await.unwrap();
    installation.execute(ROWS).await;
    installation
}

/// An installation that has had the indexes before it had partitions.
async fn fresh() -> Installation {
    let installation = Installation::migrated().await;
    installation.execute(COMPACT_ROWS).await;
    installation.execute(BUILD_INDEXES).await;
    installation
}

async fn up(installation: &mut Installation) -> Result<Vec<&'static str>, MigrateError> {
    migrate_up(&mut installation.client, &installation.schemas).await
}

async fn rows_of(client: &Client, relation: &str) -> Vec<String> {
    let rows = format!(
        "SELECT concat_ws(' ', earner, snapshot, reward_hash, token, amount, run_id) FROM paydirt.{relation} ORDER BY 1"
    );
    texts(client, &rows).await
}

#[test]
fn an_installation_with_rows_comes_to_the_same_catalog_as_a_fresh_one_and_back_and_again() {
    runtime().block_on(async {
        let mut installation = older().await;
        let (before, rows) = (catalog(&installation.client).await, rows_of(&installation.client, "gold_rows").await);
        let fresh = fresh().await;
        for _ in 0..2 {
            assert_eq!(up(&mut installation).await.unwrap(), NAMES);
            assert_eq!(catalog(&installation.client).await, catalog(&fresh.client).await);
            assert_eq!(rows_of(&installation.client, "gold_of_runs").await, rows);
            let Installation { client, schemas, .. } = &mut installation;
            assert_eq!(
                migrate_down(client, schemas, BEFORE).await.unwrap(),
                [NAMES[5], NAMES[4], NAMES[3], NAMES[2], NAMES[1], NAMES[0]]
            );
            assert_eq!(catalog(&installation.client).await, before);
            assert_eq!(rows_of(&installation.client, "gold_rows").await, rows);
        }
        up(&mut installation).await.unwrap();
        for installation in [&installation, &fresh] {
            installation.execute("SELECT paydirt.ensure_gold_partitions('2026-04-01', '2026-06-30')").await;
        }
        let made = catalog(&installation.client).await;
        assert_eq!(made, catalog(&fresh.client).await, "later partitions");
        let indexes_of = |month: &str| {
            made.iter().filter(|line| line.contains(&format!("gold_rows_{month}_")) && line.contains("idx")).count()
        };
        assert!(
            indexes_of("2026_04") > 0 && indexes_of("2026_06") == 0,
            "empty partitions get theirs when they are loaded: {made:?}"
        );
        assert_eq!(rows_of(&installation.client, "gold_of_runs").await, rows_of(&fresh.client, "gold_of_runs").await);
    });
}

#[test]
fn writers_and_readers_go_on_while_indexes_are_built_and_an_interrupted_build_begins_again() {
    runtime().block_on(async {
        let mut installation = older().await;
        let before = catalog(&installation.client).await;
        let fresh = fresh().await;
        for undone in [true, false] {
            // Somebody writes into the third partition: the build waits for the end of that, in vain.
            let writer = installation.connect().await;
            let reader = installation.connect().await;
            writer.batch_execute("BEGIN; DELETE FROM paydirt.gold_rows_2026_03 WHERE false").await.unwrap();
            installation.execute("SET statement_timeout = 400").await;
            let error = up(&mut installation).await.unwrap_err();
            installation.execute("RESET statement_timeout").await;
            let MigrateError::FailedConcurrently { name, statement, .. } = &error else { panic!("{error}") };
            assert_eq!(*name, NAMES[0]);
            assert!(
                statement.contains("CREATE INDEX CONCURRENTLY") && statement.contains("gold_rows_2026_03"),
                "{statement}"
            );
            reader.batch_execute("SELECT max(snapshot) FROM paydirt.gold_table").await.unwrap();
            writer.batch_execute("ROLLBACK").await.unwrap();

            let half = catalog(&installation.client).await;
            assert!(half.iter().any(|line| line.contains("invalid index gold_rows_2026_03")), "{half:?}");
            let states = migration_status(&installation.client, &installation.schemas).await.unwrap();
            assert!(states[8].applied_at.is_none(), "not recorded");
            let locks = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory'";
            assert_eq!(texts(&installation.client, locks).await, ["0"]);
            if undone {
                let Installation { client, schemas, .. } = &mut installation;
                assert!(migrate_down(client, schemas, BEFORE).await.unwrap().is_empty());
                assert_eq!(catalog(&installation.client).await, before, "half a migration is undone too");
            }
        }
        assert_eq!(up(&mut installation).await.unwrap(), NAMES);
        assert_eq!(catalog(&installation.client).await, catalog(&fresh.client).await);
    });
}

#[test]
fn who_waits_for_a_migration_is_not_in_the_way_of_its_builds() {
    runtime().block_on(async {
        let mut installation = older().await;
        let mut other = installation.connect().await;
        let schemas = Schemas::default();
        let (ours, theirs) =
            tokio::join!(migrate_up(&mut installation.client, &schemas), migrate_up(&mut other, &schemas));
        let mut names = [ours.unwrap(), theirs.unwrap()].concat();
        names.sort_unstable();
        assert_eq!(names, NAMES);
        assert_eq!(catalog(&installation.client).await, catalog(&fresh().await.client).await);
    });
}

/// Names of relations and indexes in a plan, and whether a partition is read from one end to the other.
#[derive(Debug, Default)]
struct Used {
    relations: Vec<String>,
    indexes: Vec<String>,
    scanned_whole: Vec<String>,
}

impl Used {
    fn read(&mut self, node: &serde_json::Value) {
        let text = |name: &str| node.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        if let Some(relation) = text("Relation Name") {
            if text("Node Type").is_some_and(|kind| kind == "Seq Scan") && relation.starts_with("gold_rows") {
                self.scanned_whole.push(relation.clone());
            }
            if relation.starts_with("gold_rows_") {
                self.relations.push(relation);
            }
        }
        self.indexes.extend(text("Index Name"));
        for child in node.get("Plans").and_then(|plans| plans.as_array()).into_iter().flatten() {
            self.read(child);
        }
    }

    /// Exactly these partitions, each by its index of this name.
    fn assert(&self, what: &str, partitions: &[&str], index: &str) {
        assert!(self.scanned_whole.is_empty(), "{what}: {self:?}");
        let mut relations = self.relations.clone();
        relations.sort_unstable();
        relations.dedup();
        assert_eq!(relations, partitions, "{what}: {self:?}");
        for partition in partitions {
            assert!(self.indexes.contains(&format!("{partition}_{index}")), "{what}: {self:?}");
        }
    }
}

async fn explain(client: &Client, statement: &str) -> Used {
    let rows = client.query(&format!("EXPLAIN (FORMAT JSON) {statement}"), &[]).await.unwrap();
    let mut used = Used::default();
    used.read(&rows[0].get::<_, serde_json::Value>(0)[0]["Plan"]);
    used
}

#[test]
fn queries_of_gold_use_the_indexes_and_only_the_partitions_of_their_days() {
    runtime().block_on(async {
        let installation = Installation::migrated().await;
        // Three months of a run every second day, forty submissions of a hundred and fifty earners.
        installation
            .execute(
                "INSERT INTO paydirt.runs (chain, cutoff, status, engine, source, version) \
                 SELECT 'mainnet', date '2026-01-03' + 2 * n, 'complete', 'native', 'events', 'test' \
                 FROM generate_series(0, 44) n; \
                 SELECT paydirt.ensure_gold_partitions('2026-01-01', '2026-03-31'); \
                 INSERT INTO paydirt.gold_earners (address) \
                 SELECT '0x' || left(md5(e::text) || md5(e::text), 40) FROM generate_series(1, 500) e; \
                 INSERT INTO paydirt.gold_rewards (reward_hash, token) \
                 SELECT md5(h::text) || md5(h::text), md5((h % 40)::text) FROM generate_series(1, 40) h; \
                 INSERT INTO paydirt.gold_rows (snapshot, earner, reward, run_id, amount) \
                 SELECT date '2026-01-01' + d, 1 + (e * 7 + h * 11) % 500, h, 1 + d / 2, 1000000000 + e \
                 FROM generate_series(0, 89) d, generate_series(1, 40) h, generate_series(1, 150) e ORDER BY d, h, e",
            )
            .await;
        installation.execute(BUILD_INDEXES).await;
        installation.execute("VACUUM ANALYZE").await;
        installation.execute("SET search_path = paydirt, public").await;
        let client = &installation.client;
        let months = ["gold_rows_2026_01", "gold_rows_2026_02", "gold_rows_2026_03"];
        let (by_earner, by_reward) = ("earner_idx", "reward_idx");
        let earner = "SELECT * FROM gold_table WHERE earner = '0x' || left(md5('7') || md5('7'), 40)";
        explain(client, earner).await.assert("one earner's rows", &months, by_earner);
        let earned = "SELECT reward_hash, sum(amount) FROM gold_table \
            WHERE earner = '0x' || left(md5('7') || md5('7'), 40) AND snapshot >= '2026-03-01' GROUP BY 1";
        explain(client, earned).await.assert("what an earner earned since", &months[2..], by_earner);
        let token = "SELECT sum(amount) FROM gold_table WHERE token = md5('3') AND snapshot BETWEEN '2026-01-02' AND '2026-02-20'";
        explain(client, token).await.assert("a token's rows of some days", &months[..2], by_reward);
        let newest = "SELECT max(snapshot) FROM gold_table WHERE reward_hash = md5('7') || md5('7')";
        explain(client, newest).await.assert("max(snapshot)", &months, by_reward);
        let rows = "SELECT * FROM gold_table WHERE reward_hash = md5('7') || md5('7') AND snapshot BETWEEN '2026-02-03' AND '2026-02-20'";
        explain(client, rows).await.assert("one submission's rows", &months[1..2], by_reward);

        let prepare = |name: &str, statement: &str| format!("PREPARE {name} AS {statement}");
        let of_run = include_str!("../../../../sql/queries/verify/gold_of_run.sql");
        client.batch_execute(&prepare("of_run", of_run)).await.unwrap();
        let of_run = explain(client, "EXECUTE of_run(22, '2026-02-12', '2026-02-13')").await;
        of_run.assert("gold_of_run", &months[1..2], by_reward);
        // As remove_run() does.
        let migration = include_str!("../../../../sql/migrations/0005_ledger.sql");
        let remove = "DELETE FROM gold_rows g WHERE g.run_id = $1 AND g.snapshot BETWEEN %L AND %L";
        assert!(migration.contains(remove));
        let remove = remove.replacen("%L", "'2026-01-31'", 1).replacen("%L", "'2026-02-01'", 1);
        client.batch_execute(&prepare("remove", &remove)).await.unwrap();
        let remove = explain(client, "EXECUTE remove(16)").await;
        remove.assert("remove_run", &months[..2], by_reward);
        let fingerprint = include_str!("../../../../sql/queries/verify/gold_fingerprint.sql");
        client.batch_execute(&prepare("fingerprint", fingerprint)).await.unwrap();
        explain(client, "EXECUTE fingerprint(22)").await.assert("gold_fingerprint", &months, by_reward);
    });
}
