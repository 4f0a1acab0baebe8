//! A backfill gives what its cutoffs give one after another.

use pipeline::{
    BackfillRequest, BackfillSummary, CutoffArgument, RunError, RunRequest, Silent, Stop, backfill, backfill_plan,
};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, Log, case_named, day, texts};

fn request(installation: &Installation, from: Day, to: Day, every: u32) -> BackfillRequest {
    let run = RunRequest { past_newest_block: true, ..installation.request(to) };
    BackfillRequest { run, from, every }
}

async fn fill(installation: &mut Installation, request: &BackfillRequest) -> Result<BackfillSummary, RunError> {
    backfill(&mut installation.client, &installation.schemas, request, &Silent).await
}

async fn one_by_one(installation: &mut Installation, request: &BackfillRequest, to: Day) {
    let mut cutoff = request.from;
    while cutoff <= to {
        let run = RunRequest { cutoff: CutoffArgument::Date(cutoff), ..request.run.clone() };
        installation.try_request(&run).await.unwrap();
        cutoff = Day(cutoff.0 + i32::try_from(request.every).unwrap());
    }
}

/// The span of cutoffs of a case, and the steps in which they are run.
async fn is_the_same_as_one_by_one(name: &str, every: u32) {
    let case = case_named(name);
    let (from, to) = (case.cutoffs[0], *case.cutoffs.last().unwrap());
    let mut expected = Installation::of(&case).await;
    let request = request(&expected, from, to, every);
    one_by_one(&mut expected, &request, to).await;
    let mut filled = Installation::of(&case).await;
    let summary = fill(&mut filled, &request).await.unwrap();
    let rows = texts(&filled.client, "SELECT count(*)::text FROM paydirt.gold_table").await;
    assert_eq!(rows, [summary.gold_rows.to_string()]);
    filled.assert_newest_root().await;
    assert!(summary.gold_rows > 0 && summary.runs.len() > 1, "{summary:?}");
    let (expected, filled_content) = (expected.content().await, filled.content().await);
    let first = expected.iter().zip(&filled_content).find(|(expected, filled)| expected != filled);
    assert!(expected == filled_content, "{name} every {every} days: {first:?}");

    let again = fill(&mut filled, &request).await.unwrap();
    assert_eq!((again.runs.len(), again.already_complete), (0, summary.runs.len()));
}

#[test]
fn operator_sets_every_day() {
    runtime().block_on(is_the_same_as_one_by_one("operator-sets", 1));
}

#[test]
fn operator_sets_every_third_day() {
    runtime().block_on(is_the_same_as_one_by_one("operator-sets", 3));
}

#[test]
fn stake_weighted_every_day() {
    runtime().block_on(is_the_same_as_one_by_one("stake-weighted", 1));
}

#[test]
fn float_eras_every_week() {
    runtime().block_on(is_the_same_as_one_by_one("float-eras", 7));
}

#[test]
fn an_interrupted_backfill_goes_on_where_it_stopped() {
    runtime().block_on(async {
        let case = case_named("operator-sets");
        let (from, to) = (case.cutoffs[0], *case.cutoffs.last().unwrap());
        let mut expected = Installation::of(&case).await;
        let whole = request(&expected, from, to, 2);
        fill(&mut expected, &whole).await.unwrap();

        let mut stopped = Installation::of(&case).await;
        let half = Day((from.0 + to.0) / 2);
        let first_half = request(&stopped, from, half, 2);
        fill(&mut stopped, &first_half).await.unwrap();
        // Asked to stop before it begins: nothing happens. Then a run alone, with silver ahead of it, in between.
        let stop = Stop::default();
        stop.request();
        let mut stopping = whole.clone();
        stopping.run.stop = stop;
        let error = fill(&mut stopped, &stopping).await.unwrap_err();
        assert!(matches!(error, RunError::BackfillInterrupted { .. }), "{error}");
        fill(&mut stopped, &whole).await.unwrap();
        assert!(stopped.content().await == expected.content().await);
    });
}

#[test]
fn a_dry_run_writes_nothing_and_expects_about_what_comes() {
    runtime().block_on(async {
        let case = case_named("operator-sets");
        let (from, to) = (case.cutoffs[0], *case.cutoffs.last().unwrap());
        let mut installation = Installation::of(&case).await;
        let before = installation.stored().await;
        let request = request(&installation, from, to, 1);
        let log = Log::default();
        let plan = backfill_plan(&mut installation.client, &installation.schemas, &request, &log).await.unwrap();
        assert!(installation.stored().await == before);
        let done = fill(&mut installation, &request).await.unwrap();
        assert_eq!(plan.cutoffs.len(), done.runs.len());
        assert!((1..=3).contains(&plan.sampled_days.len()), "{plan:?}");
        let (expected, rows) = (plan.expected_rows, done.gold_rows);
        assert!(expected / 2 <= rows && rows <= expected * 2, "expected {expected}, got {rows}");
        assert!(plan.expected_bytes > 45 * expected, "{plan:?}");
        let nothing = backfill_plan(&mut installation.client, &installation.schemas, &request, &log).await.unwrap();
        assert_eq!((nothing.cutoffs.len(), nothing.already_complete), (0, done.runs.len()));
    });
}

#[test]
fn a_first_cutoff_after_the_last_is_refused() {
    runtime().block_on(async {
        let mut installation = Installation::of(&case_named("operator-sets")).await;
        let backwards = request(&installation, day("2025-04-20"), day("2025-04-19"), 1);
        let error = fill(&mut installation, &backwards).await.unwrap_err();
        assert!(matches!(error, RunError::FromAfterCutoff { .. }), "{error}");
    });
}
