//! Delta silver: extending ranges by new events, or making them anew after a correction, is a rebuild from scratch.

use std::sync::Mutex;

use case_runner::Case;
use dataset_generator::{Params, generate};
use pipeline::{Event, Observer, Refresh, Schemas, migrate_up, run};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, operator_sets, texts};

const RANGES: [&str; 13] = [
    "staker_share_ranges",
    "operator_share_ranges",
    "staker_delegation_ranges",
    "operator_avs_split_ranges",
    "operator_pi_split_ranges",
    "operator_set_split_ranges",
    "default_operator_split_ranges",
    "operator_avs_registration_ranges",
    "operator_set_operator_registration_ranges",
    "operator_set_strategy_registration_ranges",
    "operator_avs_strategy_ranges",
    "operator_allocation_ranges",
    "operator_max_magnitude_ranges",
];

/// Notes how each relation was refreshed.
#[derive(Default)]
struct Refreshes(Mutex<Vec<(&'static str, Refresh)>>);

impl Observer for Refreshes {
    fn event(&self, event: Event) {
        if let Event::SilverRefreshed { table, refresh, .. } = event {
            self.0.lock().unwrap().push((table, refresh));
        }
    }
}

impl Refreshes {
    fn take(&self) -> Vec<(&'static str, Refresh)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Runs a cutoff and says how silver was refreshed.
async fn refreshed(installation: &mut Installation, cutoff: Day) -> Vec<(&'static str, Refresh)> {
    let refreshes = Refreshes::default();
    let request = installation.request(cutoff);
    run(&mut installation.client, &installation.schemas, &request, &refreshes).await.unwrap();
    refreshes.take()
}

/// The stored ranges of a schema.
async fn ranges(installation: &Installation, schema: &str) -> Vec<(&'static str, Vec<String>)> {
    let mut ranges = Vec::new();
    for table in RANGES {
        let query = format!("SELECT r::text FROM {schema}.{table} r ORDER BY 1");
        ranges.push((table, texts(&installation.client, &query).await));
    }
    ranges
}

/// Compares the stored ranges with those of a schema in which this cutoff is the first to be run.
async fn assert_as_rebuilt(installation: &mut Installation, cutoff: Day, what: &str) {
    let scratch = Schemas { own: "rebuilt".to_owned(), source: "public".to_owned() };
    installation.execute("DROP SCHEMA IF EXISTS rebuilt CASCADE").await;
    migrate_up(&mut installation.client, &scratch).await.unwrap();
    let request = installation.request(cutoff);
    let refreshes = Refreshes::default();
    run(&mut installation.client, &scratch, &request, &refreshes).await.unwrap();
    assert!(refreshes.take().iter().all(|(_, refresh)| *refresh == Refresh::Built));
    let (stored, rebuilt) = (ranges(installation, "paydirt").await, ranges(installation, "rebuilt").await);
    for ((table, stored), (_, rebuilt)) in stored.iter().zip(&rebuilt) {
        assert!(
            stored == rebuilt,
            "{what}: {table}: stored only {:?}, rebuilt only {:?}",
            stored.iter().filter(|range| !rebuilt.contains(range)).take(5).collect::<Vec<_>>(),
            rebuilt.iter().filter(|range| !stored.contains(range)).take(5).collect::<Vec<_>>(),
        );
    }
}

/// Corrections of history. `{row}` picks a row of the table by the seed; every one keeps the contract of spec/01.
const EDITS: [(&str, &str); 19] = [
    ("staker_share_deltas", "UPDATE staker_share_deltas SET shares = shares + 3 WHERE {row}"),
    ("staker_share_deltas", "DELETE FROM staker_share_deltas WHERE {row}"),
    (
        "staker_share_deltas",
        "INSERT INTO staker_share_deltas SELECT staker, strategy, 5, strategy_index, md5(transaction_hash), log_index, \
         block_time, block_date, block_number FROM staker_share_deltas WHERE {row} ON CONFLICT DO NOTHING",
    ),
    ("operator_share_deltas", "UPDATE operator_share_deltas SET shares = shares * 2 WHERE {row}"),
    ("operator_share_deltas", "DELETE FROM operator_share_deltas WHERE {row}"),
    ("staker_delegation_changes", "UPDATE staker_delegation_changes SET delegated = NOT delegated WHERE {row}"),
    ("staker_delegation_changes", "DELETE FROM staker_delegation_changes WHERE {row}"),
    ("avs_operator_state_changes", "UPDATE avs_operator_state_changes SET registered = NOT registered WHERE {row}"),
    ("avs_operator_state_changes", "DELETE FROM avs_operator_state_changes WHERE {row}"),
    ("operator_restaked_strategies", "DELETE FROM operator_restaked_strategies WHERE {row}"),
    (
        "operator_set_operator_registrations",
        "UPDATE operator_set_operator_registrations SET is_active = NOT is_active WHERE {row}",
    ),
    ("operator_set_strategy_registrations", "DELETE FROM operator_set_strategy_registrations WHERE {row}"),
    ("operator_allocations", "UPDATE operator_allocations SET magnitude = floor(magnitude / 2) WHERE {row}"),
    ("operator_allocations", "DELETE FROM operator_allocations WHERE {row}"),
    ("operator_max_magnitudes", "DELETE FROM operator_max_magnitudes WHERE {row}"),
    (
        "operator_avs_splits",
        "UPDATE operator_avs_splits SET activated_at = activated_at + interval '1 day', \
         new_operator_avs_split_bips = 77 WHERE {row}",
    ),
    ("operator_set_splits", "DELETE FROM operator_set_splits WHERE {row}"),
    ("operator_pi_splits", "UPDATE operator_pi_splits SET new_operator_pi_split_bips = 1234 WHERE {row}"),
    // A re-org: a block moves by some hours, with what it carries.
    (
        "blocks",
        "WITH moved AS (UPDATE blocks SET block_time = block_time + interval '5 hours', hash = md5(hash) WHERE {row} \
         RETURNING number, block_time), \
         stakers AS (UPDATE staker_share_deltas e SET block_time = moved.block_time, \
         block_date = to_char(moved.block_time, 'YYYY-MM-DD') FROM moved WHERE e.block_number = moved.number) \
         UPDATE operator_share_deltas e SET block_time = moved.block_time, \
         block_date = to_char(moved.block_time, 'YYYY-MM-DD') FROM moved WHERE e.block_number = moved.number",
    ),
];

/// Datasets small enough for many runs.
fn small_datasets(from: u64) -> impl Iterator<Item = Params> {
    let drawn = (from..).map(Params::draw);
    drawn.filter(|params| params.stakers <= 25 && params.days <= 60 && params.cutoffs.len() >= 5)
}

async fn installed(params: &Params) -> (Installation, Vec<Day>) {
    let folder = tempfile::tempdir().unwrap();
    generate(params).write(folder.path()).unwrap();
    let case = Case::read(folder.path()).unwrap();
    (Installation::of(&case).await, case.cutoffs)
}

#[test]
fn without_corrections_every_later_run_extends_and_equals_a_rebuild() {
    runtime().block_on(async {
        for params in small_datasets(2000).take(3) {
            let (mut installation, cutoffs) = installed(&params).await;
            for (index, &cutoff) in cutoffs.iter().enumerate() {
                let refreshes = refreshed(&mut installation, cutoff).await;
                assert_eq!(refreshes.len(), RANGES.len());
                let expected = if index == 0 { Refresh::Built } else { Refresh::Extended };
                assert!(refreshes.iter().all(|(_, refresh)| *refresh == expected), "{refreshes:?}");
                assert_as_rebuilt(&mut installation, cutoff, &format!("seed {} at {cutoff}", params.seed)).await;
            }
        }
    });
}

#[test]
fn random_corrections_of_history_are_noticed_and_the_result_equals_a_rebuild() {
    runtime().block_on(async {
        let (mut corrected, mut first_days) = (0, Vec::new());
        for params in small_datasets(3000).take(4) {
            let (mut installation, cutoffs) = installed(&params).await;
            for (index, &cutoff) in cutoffs.iter().enumerate() {
                let mut edits = Vec::new();
                for edit in 0..=(params.seed as usize + index) % 3 {
                    let number = (params.seed as usize * 7 + index * 5 + edit * 11) % EDITS.len();
                    let (table, statement) = EDITS[number];
                    let seed = params.seed as usize * 100 + index * 10 + edit;
                    let row = format!("ctid = (SELECT ctid FROM {table} ORDER BY md5(ctid::text || '{seed}') LIMIT 1)");
                    installation.execute(&statement.replace("{row}", &row)).await;
                    edits.push(statement);
                }
                let refreshes = refreshed(&mut installation, cutoff).await;
                for (_, refresh) in &refreshes {
                    if let Refresh::Corrected { first_changed } = refresh {
                        corrected += 1;
                        first_days.push(*first_changed);
                        assert!(*first_changed < cutoffs[index - 1], "only days that had been read");
                    }
                }
                let what = format!("seed {} at {cutoff} after {edits:?}", params.seed);
                assert_as_rebuilt(&mut installation, cutoff, &what).await;
            }
        }
        assert!(corrected >= 6, "the edits hit what had been read: {corrected}");
    });
}

#[test]
fn a_dump_and_restore_of_the_source_changes_row_versions_but_rebuilds_nothing() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        refreshed(&mut installation, case.cutoffs[0]).await;
        // Rewrites every row: other ctid, other xmin, same content.
        installation
            .execute(
                "UPDATE staker_share_deltas SET shares = shares; UPDATE blocks SET hash = hash; \
                 CREATE TABLE copy AS TABLE operator_allocations; TRUNCATE operator_allocations; \
                 INSERT INTO operator_allocations SELECT * FROM copy ORDER BY log_index DESC",
            )
            .await;
        let refreshes = refreshed(&mut installation, case.cutoffs[1]).await;
        assert!(refreshes.iter().all(|(_, refresh)| *refresh == Refresh::Extended), "{refreshes:?}");
        assert_as_rebuilt(&mut installation, case.cutoffs[1], "rewritten").await;
    });
}

#[test]
fn a_source_of_views_is_compared_by_content() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation
            .execute(
                "ALTER TABLE staker_share_deltas RENAME TO real_deltas; \
                 CREATE VIEW staker_share_deltas AS SELECT * FROM real_deltas",
            )
            .await;
        refreshed(&mut installation, case.cutoffs[0]).await;
        let refreshes = refreshed(&mut installation, case.cutoffs[1]).await;
        assert!(refreshes.iter().all(|(_, refresh)| *refresh == Refresh::Extended), "{refreshes:?}");
        installation
            .execute(
                "UPDATE real_deltas SET shares = shares + 1 WHERE ctid = \
                 (SELECT ctid FROM real_deltas ORDER BY block_time LIMIT 1)",
            )
            .await;
        let refreshes = refreshed(&mut installation, case.cutoffs[2]).await;
        let corrected: Vec<&str> = refreshes
            .iter()
            .filter(|(_, refresh)| matches!(refresh, Refresh::Corrected { .. }))
            .map(|(table, _)| *table)
            .collect();
        assert_eq!(corrected, ["staker_share_ranges"]);
        // A new installation wants tables.
        installation
            .execute("DROP VIEW staker_share_deltas; ALTER TABLE real_deltas RENAME TO staker_share_deltas")
            .await;
        assert_as_rebuilt(&mut installation, case.cutoffs[2], "views").await;
    });
}
