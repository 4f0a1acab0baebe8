//! Strict mode on every case and on random datasets: no submission pays more than it holds, the books close, and which cutoffs
//! were run does not matter.

use std::collections::BTreeMap;

use case_runner::Case;
use pg_numeric::Numeric;
use pipeline::{
    AuditReport, AuditRequest, BackfillRequest, Budget, CutoffArgument, DiffReport, DiffRequest, EarnerDiff, RunError,
    RunOutcome, RunRequest, Schemas, Silent, Source, audit, backfill, check_invariants, diff, drop_partitions,
    migrate_up, run,
};
use reward_rules::{Day, Mode};
use test_support::{TestDatabase, runtime};
use tokio_postgres::Client;

use crate::support::{case_folders, import, migrated, own_case, random, request, texts};

const SEEDS: std::ops::Range<u64> = 1..13;

/// The case of that name, imported but not run.
async fn float_eras() -> (TestDatabase, Client, Case) {
    let case = own_case("float-eras");
    let (database, mut client) = migrated().await;
    import(&mut client, &case.path).await;
    (database, client, case)
}

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
    /// Submissions whose days have the same sums in both modes, but not the same amounts.
    quietly: usize,
}

async fn differences(client: &mut Client, case: &Case, strict: &Schemas) -> (DiffReport, Vec<EarnerDiff>) {
    let request = DiffRequest {
        chain: case.chain,
        mode: Mode::Strict,
        with: Some(strict.own.clone()),
        reward_hash: None,
        earner: None,
        memory: Budget::default(),
    };
    let mut earners = Vec::new();
    let each = |earner| {
        earners.push(earner);
        Ok::<_, RunError>(())
    };
    (diff(client, &Schemas::default(), &request, &Silent, each).await.unwrap(), earners)
}

/// Every submission that pays an earner something else is named, with the sum of what changes for its earners.
async fn what_differs(client: &mut Client, case: &Case, strict: &Schemas) -> usize {
    let (report, earners) = differences(client, case, strict).await;
    let mut changes: BTreeMap<&str, Vec<Numeric>> = BTreeMap::new();
    for EarnerDiff { reward_hash, difference, .. } in &earners {
        changes.entry(reward_hash).or_default().push(difference.parse().unwrap());
    }
    for submission in &report.submissions {
        let changes = changes.remove(submission.reward_hash.as_str()).unwrap_or_default();
        assert_eq!(changes.iter().sum::<Numeric>(), submission.difference, "{}: {submission:?}", case.name);
    }
    assert!(changes.is_empty(), "{}: not named: {changes:?}", case.name);
    report.submissions.iter().filter(|submission| submission.differing_days == 0).count()
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
    seen.quietly += what_differs(client, case, &once).await;
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
        assert!(seen.quietly > 0, "the operator's part is rounded, and the stakers' part with it");
        assert!(seen.overpaid_by_compatible > 0, "there is something that strict does not do");
    });
}

#[test]
fn days_that_either_side_has_dropped_do_not_differ() {
    runtime().block_on(async {
        let case = own_case("float-eras");
        let (_database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        let other = strict_schema(&mut client, "strict").await;
        let last = *case.cutoffs.last().unwrap();
        run_strict(&mut client, &other, &case, last, Source::Events).await;
        run(&mut client, &Schemas::default(), &request(&case, last, Source::Events), &Silent).await.unwrap();
        let (all, _) = differences(&mut client, &case, &other).await;
        let before: Day = "2024-08-01".parse().unwrap();
        let early = |report: &DiffReport| {
            report.submissions.iter().filter(|of| of.first_day.as_ref().is_some_and(|day| *day < before.to_string())).count()
        };
        assert!(early(&all) > 0);
        // Whichever side goes first.
        for own in ["strict", "paydirt"] {
            let over = format!(
                "INSERT INTO {own}.quarantine (reward_hash, source_table, reason, cutoff) \
                 SELECT DISTINCT reward_hash, 'test', 'over', date '2024-01-01' FROM {own}.watermarks ON CONFLICT DO NOTHING; \
                 INSERT INTO {own}.quarantine (reward_hash, source_table, reason, cutoff) \
                 SELECT DISTINCT reward_hash, 'test', 'over', date '2024-01-01' FROM reward_submissions ON CONFLICT DO NOTHING"
            );
            client.batch_execute(&over).await.unwrap();
            let schemas = Schemas { own: own.to_owned(), ..Schemas::default() };
            assert!(!drop_partitions(&mut client, &schemas, before).await.unwrap().is_empty());
            let (left, _) = differences(&mut client, &case, &other).await;
            assert_eq!(early(&left), 0, "{own}: {left:?}");
            assert!(left.stored_rows > 0 && left.stored_rows < all.stored_rows && left.other_rows < all.other_rows);
        }
    });
}

#[test]
fn the_modes_never_share_a_schema() {
    runtime().block_on(async {
        let (_database, mut client, case) = float_eras().await;
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
        let all = BackfillRequest { run: by_sql, from: first, every: 1 };
        assert!(matches!(backfill(&mut client, &schemas, &all, &Silent).await.unwrap_err(), RunError::StrictSql));
        run_strict(&mut client, &schemas, &case, second, Source::Events).await;
        assert_eq!(texts(&client, "SELECT DISTINCT mode FROM paydirt.runs").await, ["strict"]);
    });
}

#[test]
fn what_a_downgrade_forgets_is_remembered() {
    runtime().block_on(async {
        let (_database, mut client, case) = float_eras().await;
        let schemas = Schemas::default();
        let (first, second) = (case.cutoffs[0], case.cutoffs[1]);
        run_strict(&mut client, &schemas, &case, first, Source::Events).await;
        pipeline::migrate_down(&mut client, &schemas, 12).await.unwrap();
        // Before there was a mode, a schema had the chain of its runs alone.
        assert_eq!(texts(&client, "SELECT chain FROM paydirt.runs").await, [format!("{} (strict)", case.chain)]);
        migrate_up(&mut client, &schemas).await.unwrap();
        assert_eq!(
            texts(&client, "SELECT concat(chain, ',', mode) FROM paydirt.runs").await,
            [format!("{},strict", case.chain)]
        );
        let refused = run(&mut client, &schemas, &request(&case, second, Source::Events), &Silent).await.unwrap_err();
        assert!(matches!(refused, RunError::OtherMode { .. }), "{refused}");
        run_strict(&mut client, &schemas, &case, second, Source::Events).await;
    });
}

#[test]
fn a_submission_whose_rows_disagree_is_refused_or_set_aside() {
    runtime().block_on(async {
        let (_database, mut client, case) = float_eras().await;
        let schemas = Schemas::default();
        let spoil = "UPDATE reward_submissions SET amount = amount * 2 WHERE strategy_index = 0 AND reward_hash = \
            (SELECT reward_hash FROM reward_submissions GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1) \
            RETURNING reward_hash";
        let [spoilt] = &texts(&client, spoil).await[..] else { panic!("one submission") };
        let last = *case.cutoffs.last().unwrap();
        let refused = run(&mut client, &schemas, &strict(&case, last, Source::Events), &Silent).await.unwrap_err();
        let RunError::BadInput(findings) = &refused else { panic!("{refused}") };
        assert!(findings.len() == 1 && findings[0].key == *spoilt, "{refused}");
        let setting_aside = RunRequest { quarantine: true, ..strict(&case, last, Source::Events) };
        run(&mut client, &schemas, &setting_aside, &Silent).await.unwrap();
        assert_eq!(texts(&client, "SELECT reward_hash FROM paydirt.quarantine").await, std::slice::from_ref(spoilt));
        in_order(&mut client, &schemas, &case, "with one set aside").await;

        // A compatible run pays it, and a comparison sets it aside as a strict run does.
        let compatible = strict_schema(&mut client, "compatible").await;
        run(&mut client, &compatible, &request(&case, last, Source::Events), &Silent).await.unwrap();
        let asked = DiffRequest {
            chain: case.chain,
            mode: Mode::Strict,
            with: None,
            reward_hash: Some(spoilt.clone()),
            earner: None,
            memory: Budget::default(),
        };
        let report = diff(&mut client, &compatible, &asked, &Silent, |_| Ok::<(), RunError>(())).await.unwrap();
        assert!(
            report.submissions[0].paid.is_positive() && report.submissions[0].paid_by_other.is_zero(),
            "{report:?}"
        );
    });
}
