//! `--source snapshots`: gold from an indexer's daily tables equals gold from its events.

use std::path::Path;

use bytes::Bytes;
use case_runner::{Case, silver_relations};
use futures_util::{SinkExt, TryStreamExt};
use pipeline::{Against, CutoffArgument, Engine, RunError, Schemas, Silent, Source, VerifyRequest, verify};
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{GOLD, case_folders, complete, import, migrated, own_case, request, texts, try_run};

/// The tables a run from daily tables reads beside them.
const KEPT: [&str; 7] = [
    "blocks",
    "reward_submissions",
    "operator_directed_reward_submissions",
    "operator_directed_operator_set_reward_submissions",
    "unique_stake_reward_submissions",
    "total_stake_reward_submissions",
    "excluded_addresses",
];

/// Copies the silver views of one database into daily tables of the other's source schema.
pub(crate) async fn export_daily_tables(from: &Client, to: &Client) {
    for relation in silver_relations().iter().filter(|relation| relation.daily) {
        let name = relation.name;
        to.batch_execute(&format!("CREATE TABLE public.{name} (LIKE paydirt.{name})")).await.unwrap();
        let copy_out = relation.copy.replace(&format!("FROM {name}"), &format!("FROM paydirt.{name}"));
        let columns = relation.copy.split_once("SELECT ").unwrap().1.split_once(" FROM").unwrap().0;
        let blocks: Vec<Bytes> = from.copy_out(&copy_out).await.unwrap().try_collect().await.unwrap();
        let copy_in = format!("COPY public.{name} ({columns}) FROM STDIN (FORMAT csv, HEADER)");
        let mut sink = Box::pin(to.copy_in::<_, Bytes>(&copy_in).await.unwrap());
        for block in blocks {
            sink.send(block).await.unwrap();
        }
        sink.as_mut().finish().await.unwrap();
    }
}

/// A folder with only the tables a run from daily tables may read.
pub(crate) fn without_events(case: &Case) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for table in KEPT {
        let file = format!("{table}.csv");
        let from = case.path.join("bronze").join(&file);
        if from.exists() {
            std::fs::copy(from, folder.path().join(file)).unwrap();
        }
    }
    folder
}

async fn same_from_both_sources(folder: &Path) {
    let case = Case::read(folder).unwrap();
    let (_events_database, mut events) = migrated().await;
    import(&mut events, &case.path).await;
    for &cutoff in &case.cutoffs {
        complete(&mut events, &case, cutoff, Source::Events).await;
    }
    let (_daily_database, mut daily) = migrated().await;
    import(&mut daily, without_events(&case).path()).await;
    export_daily_tables(&events, &daily).await;
    for &cutoff in &case.cutoffs {
        complete(&mut daily, &case, cutoff, Source::Snapshots).await;
    }
    let expected = texts(&events, GOLD).await;
    assert!(texts(&daily, GOLD).await == expected, "{}: gold from daily tables differs", case.name);
    assert_eq!(expected.is_empty(), case.gold_table.as_ref().is_some_and(|gold| gold.rows == 0), "{}", case.name);
}

#[test]
fn gold_from_daily_tables_equals_gold_from_events_in_every_case() {
    let folders = case_folders();
    runtime().block_on(async {
        for folder in folders {
            same_from_both_sources(&folder).await;
        }
    });
}

#[test]
fn missing_daily_tables_are_named_and_paydirts_own_views_are_not_taken_for_them() {
    runtime().block_on(async {
        let case = own_case("operator-sets");
        let (_database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        let error = try_run(&mut client, &case, case.cutoffs[0], Source::Snapshots).await.unwrap_err();
        let RunError::NoDailyTables { missing, .. } = error else { panic!("{error}") };
        assert_eq!(missing.len(), 12);
    });
}

#[test]
fn contradicting_daily_tables_are_refused() {
    runtime().block_on(async {
        let case = own_case("operator-sets");
        let (_events_database, mut events) = migrated().await;
        import(&mut events, &case.path).await;
        for &cutoff in &case.cutoffs {
            complete(&mut events, &case, cutoff, Source::Events).await;
        }
        let (_daily_database, mut daily) = migrated().await;
        import(&mut daily, without_events(&case).path()).await;
        export_daily_tables(&events, &daily).await;
        let twice = "INSERT INTO public.operator_set_split_snapshots \
            SELECT operator, avs, operator_set_id, 1, snapshot FROM public.operator_set_operator_registration_snapshots \
            UNION ALL \
            SELECT operator, avs, operator_set_id, 2, snapshot FROM public.operator_set_operator_registration_snapshots";
        daily.batch_execute(twice).await.unwrap();
        let mut refused = None;
        for &cutoff in &case.cutoffs {
            refused = refused.or(try_run(&mut daily, &case, cutoff, Source::Snapshots).await.err());
        }
        let error = refused.expect("two splits on one day are a contradiction");
        let RunError::InUnit { source, .. } = error else { panic!("{error}") };
        let RunError::Extract { source, .. } = *source else { panic!("{source}") };
        assert!(source.to_string().contains("set_splits: two values for one key"), "{source}");
    });
}

#[test]
fn the_sql_engine_reads_daily_tables_that_reach_past_the_cutoff_as_the_native_one_does() {
    runtime().block_on(async {
        let case = own_case("stake-weighted");
        let (_events_database, mut events) = migrated().await;
        import(&mut events, &case.path).await;
        for &cutoff in &case.cutoffs {
            complete(&mut events, &case, cutoff, Source::Events).await;
        }
        let (_daily_database, mut daily) = migrated().await;
        import(&mut daily, without_events(&case).path()).await;
        export_daily_tables(&events, &daily).await;
        for &cutoff in &case.cutoffs {
            let mut request = request(&case, cutoff, Source::Snapshots);
            request.engine = Engine::Sql;
            pipeline::run(&mut daily, &Schemas::default(), &request, &Silent).await.unwrap();
        }
        assert_eq!(texts(&daily, GOLD).await, texts(&events, GOLD).await);

        // Such runs can be verified, by the same source.
        let last = *case.cutoffs.last().unwrap();
        let request = VerifyRequest {
            chain: case.chain,
            cutoff: CutoffArgument::Date(last),
            from: Some(case.cutoffs[0]),
            against: Against::Sql,
        };
        let report = verify(&mut daily, &Schemas::default(), &request, &Silent).await.unwrap();
        assert!(report.equal, "{report:?}");
        assert_eq!(report.comparisons.len(), 2 * case.cutoffs.len(), "steps and gold; silver is not ours");
    });
}
