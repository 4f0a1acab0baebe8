//! The numbered invariants of DESIGN.md, on random datasets.

use case_runner::Case;
use dataset_generator::{Params, generate};
use pipeline::Source;
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{complete, import, migrated, texts};

const SEEDS: std::ops::Range<u64> = 1..9;

/// The columns of a range table other than its value and its span.
const RANGES: [(&str, &str); 13] = [
    ("staker_share_ranges", "staker, strategy"),
    ("operator_share_ranges", "operator, strategy"),
    ("staker_delegation_ranges", "staker"),
    ("operator_avs_split_ranges", "operator, avs"),
    ("operator_pi_split_ranges", "operator"),
    ("operator_set_split_ranges", "operator, avs, operator_set_id"),
    ("default_operator_split_ranges", "true"),
    ("operator_avs_registration_ranges", "avs, operator"),
    ("operator_set_operator_registration_ranges", "operator, avs, operator_set_id"),
    ("operator_set_strategy_registration_ranges", "strategy, avs, operator_set_id"),
    ("operator_avs_strategy_ranges", "operator, avs, strategy"),
    ("operator_allocation_ranges", "operator, avs, strategy, operator_set_id"),
    ("operator_max_magnitude_ranges", "operator, strategy"),
];

/// I1: the ranges of a key do not overlap, and none is empty.
async fn ranges_do_not_overlap(client: &Client, seed: u64) {
    for (table, key) in RANGES {
        let query = format!(
            "SELECT concat_ws(' ', {key}, valid_from) FROM (SELECT *, lead(valid_from) OVER (PARTITION BY {key} \
             ORDER BY valid_from) AS next FROM paydirt.{table}) r \
             WHERE valid_to <= valid_from OR coalesce(valid_to, 'infinity') > next"
        );
        assert!(texts(client, &query).await.is_empty(), "seed {seed}: {table}");
    }
}

/// I3: every (reward_hash, snapshot) of gold is in exactly one window, whose count is right.
async fn gold_is_traced(client: &Client, seed: u64) {
    let untraced = "SELECT concat_ws(' ', g.reward_hash, g.snapshot) FROM (SELECT DISTINCT reward_hash, snapshot \
        FROM paydirt.gold_table) g LEFT JOIN paydirt.gold_windows w ON w.reward_hash = g.reward_hash \
        AND g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot \
        GROUP BY g.reward_hash, g.snapshot HAVING count(w.run_id) <> 1";
    assert!(texts(client, untraced).await.is_empty(), "seed {seed}");
    let miscounted = "SELECT w.reward_hash FROM paydirt.gold_windows w LEFT JOIN paydirt.gold_table g \
        ON w.reward_hash = g.reward_hash AND g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot \
        GROUP BY w.run_id, w.reward_hash, w.first_snapshot, w.gold_rows HAVING count(g.earner) <> w.gold_rows";
    assert!(texts(client, miscounted).await.is_empty(), "seed {seed}");
    let runs = "SELECT r.id::text FROM paydirt.runs r LEFT JOIN paydirt.gold_windows w ON w.run_id = r.id \
        GROUP BY r.id, r.gold_rows HAVING r.gold_rows <> coalesce(sum(w.gold_rows), 0)";
    assert!(texts(client, runs).await.is_empty(), "seed {seed}");
}

/// I4: watermarks are max(snapshot) per hash.
async fn watermarks_are_right(client: &Client, seed: u64) {
    let wrong = "SELECT coalesce(w.reward_hash, g.reward_hash) FROM paydirt.watermarks w FULL JOIN \
        (SELECT reward_hash, max(snapshot) AS last FROM paydirt.gold_table GROUP BY 1) g USING (reward_hash) \
        WHERE w.last_snapshot IS DISTINCT FROM g.last";
    assert!(texts(client, wrong).await.is_empty(), "seed {seed}");
}

#[test]
fn i1_i3_i4_hold_after_every_run_of_random_datasets() {
    runtime().block_on(async {
        let mut rows = 0;
        for seed in SEEDS {
            let folder = tempfile::tempdir().unwrap();
            generate(&Params::draw(seed)).write(folder.path()).unwrap();
            let case = Case::read(folder.path()).unwrap();
            let (_database, mut client) = migrated().await;
            import(&mut client, folder.path()).await;
            for &cutoff in &case.cutoffs {
                rows += complete(&mut client, &case, cutoff, Source::Events).await.gold_rows;
                ranges_do_not_overlap(&client, seed).await;
                gold_is_traced(&client, seed).await;
                watermarks_are_right(&client, seed).await;
            }
        }
        assert!(rows > 1000, "the datasets have something to pay: {rows}");
    });
}
