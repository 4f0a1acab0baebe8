//! Strict mode on every case and on random datasets: no submission pays more than it holds, the books close, and which cutoffs
//! were run does not matter.

use case_runner::Case;
use pg_numeric::Numeric;
use pipeline::{
    AuditReport, AuditRequest, BackfillRequest, CutoffArgument, RunError, RunOutcome, RunRequest, Schemas, Silent,
    Source, audit, backfill, check_invariants, migrate_up, run,
};
use reward_rules::{Day, Mode};
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{case_folders, import, migrated, own_case, random, request, texts};

const SEEDS: std::ops::Range<u64> = 1..13;

/// A schema for strict runs beside the others.
async fn strict_schema(client: &mut Client, name: &str) -> Schemas {
    let schemas = Schemas { own: name.to_owned(), ..Schemas::default() };
    migrate_up(client, &schemas).await.unwrap();
    schemas
}

fn strict(case: &Case, cutoff: Day, source: Source) -> RunRequest {
    RunRequest { mode: Mode::Strict, ..request(case, cutoff, source) }
}

async fn run_strict(client: &mut Client, schemas: &Schemas, case: &Case, cutoff: Day, source: Source) {
    let outcome = run(client, schemas, &strict(case, cutoff, source), &Silent).await.unwrap();
    assert!(matches!(outcome, RunOutcome::Completed(_)), "{} {cutoff}", case.name);
}

async fn gold(client: &Client, schemas: &Schemas) -> Vec<String> {
    let rows = "SELECT concat_ws(',', reward_hash, snapshot, earner, token, amount)";
    texts(client, &format!("{rows} FROM \"{}\".gold_table ORDER BY 1", schemas.own)).await
}

/// The invariants hold, the books close, and nothing is overpaid.
async fn in_order(client: &mut Client, schemas: &Schemas, case: &Case, what: &str) -> AuditReport {
    let reports = check_invariants(client, schemas, &Silent).await.unwrap();
    assert!(reports.iter().all(|report| report.violations == 0), "{what}: {reports:?}");
    let report = audit(client, schemas, &AuditRequest::new(case.chain), &Silent).await.unwrap();
    assert!(report.closes, "{what}: {:?}", report.open);
    assert!(report.overpaid.is_empty(), "{what}: {:?}", report.overpaid);
    assert_eq!(report.mode, "strict");
    for submission in &report.submissions {
        let columns = &submission.columns;
        let paid: Numeric = [&columns.stakers, &columns.operators, &columns.refunded].into_iter().sum();
        assert!(paid <= columns.funded, "{what}: {submission:?}");
    }
    report
}

/// What was compared.
#[derive(Default)]
struct Seen {
    rows: usize,
    submissions: usize,
    overpaid_by_compatible: usize,
    of_other_gold: usize,
}

/// Runs at the case's own cutoffs, at its last one alone, and on every day: the same gold.
async fn whatever_the_cutoffs(client: &mut Client, case: &Case, seen: &mut Seen) {
    let (first, last) = (case.cutoffs[0], *case.cutoffs.last().unwrap());
    let some = strict_schema(client, "strict_some").await;
    for &cutoff in &case.cutoffs {
        run_strict(client, &some, case, cutoff, Source::Events).await;
        if case.cutoffs.len() < 10 {
            in_order(client, &some, case, &format!("{} after {cutoff}", case.name)).await;
        }
    }
    let once = strict_schema(client, "strict_once").await;
    run_strict(client, &once, case, last, Source::Events).await;
    let nightly = strict_schema(client, "strict_nightly").await;
    let request = BackfillRequest { run: strict(case, last, Source::Events), from: first, every: 1 };
    backfill(client, &nightly, &request, &Silent).await.unwrap();

    let expected = gold(client, &once).await;
    for schemas in [&some, &nightly] {
        assert!(gold(client, schemas).await == expected, "{}: {} is not as one run", case.name, schemas.own);
    }
    in_order(client, &nightly, case, &case.name).await;
    let report = in_order(client, &once, case, &case.name).await;
    seen.rows += expected.len();
    seen.submissions += report.submissions.len();

    for &cutoff in &case.cutoffs {
        run(client, &Schemas::default(), &crate::support::request(case, cutoff, Source::Events), &Silent)
            .await
            .unwrap();
    }
    let compatible = audit(client, &Schemas::default(), &AuditRequest::new(case.chain), &Silent).await.unwrap();
    seen.overpaid_by_compatible += compatible.overpaid.len();
    seen.of_other_gold += usize::from(gold(client, &Schemas::default()).await != expected);
}

#[test]
fn every_case_pays_the_same_whatever_the_cutoffs_and_overpays_nothing() {
    runtime().block_on(async {
        let mut seen = Seen::default();
        for folder in case_folders() {
            let case = Case::read(&folder).unwrap();
            let (_database, mut client) = migrated().await;
            import(&mut client, &case.path).await;
            whatever_the_cutoffs(&mut client, &case, &mut seen).await;
        }
        assert!(seen.rows > 1000 && seen.submissions > 20, "{} rows", seen.rows);
        assert!(seen.overpaid_by_compatible > 0, "there is something that strict does not do");
        assert!(seen.of_other_gold > 0);
    });
}

#[test]
fn random_datasets_pay_the_same_whatever_the_cutoffs_and_overpay_nothing() {
    runtime().block_on(async {
        let mut seen = Seen::default();
        for seed in SEEDS {
            let (_database, mut client, mut case) = random(seed).await;
            case.name = format!("seed {seed}");
            whatever_the_cutoffs(&mut client, &case, &mut seen).await;
        }
        assert!(seen.rows > 1000 && seen.submissions > 100, "{} rows", seen.rows);
        assert!(seen.overpaid_by_compatible > 0, "there is something that strict does not do");
    });
}

#[test]
fn the_modes_never_share_a_schema() {
    runtime().block_on(async {
        let case = own_case("float-eras");
        let (_database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        let schemas = Schemas::default();
        let (first, second) = (case.cutoffs[0], case.cutoffs[1]);
        run_strict(&mut client, &schemas, &case, first, Source::Events).await;

        let refused = run(&mut client, &schemas, &request(&case, second, Source::Events), &Silent).await.unwrap_err();
        assert!(
            matches!(refused, RunError::OtherMode { known: Mode::Strict, given: Mode::Compatible, .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("--mode strict"), "{refused}");
        let all = BackfillRequest { run: request(&case, second, Source::Events), from: first, every: 1 };
        let refused = backfill(&mut client, &schemas, &all, &Silent).await.unwrap_err();
        assert!(matches!(refused, RunError::OtherMode { .. }), "{refused}");
        let plan =
            pipeline::plan_run(&mut client, &schemas, case.chain, Mode::Compatible, CutoffArgument::Date(second));
        assert!(matches!(plan.await.unwrap_err(), RunError::OtherMode { .. }));

        let by_sql = RunRequest { engine: pipeline::Engine::Sql, ..strict(&case, second, Source::Events) };
        assert!(matches!(run(&mut client, &schemas, &by_sql, &Silent).await.unwrap_err(), RunError::StrictSql));
        run_strict(&mut client, &schemas, &case, second, Source::Events).await;
        assert_eq!(texts(&client, "SELECT DISTINCT mode FROM paydirt.runs").await, ["strict"]);
    });
}
