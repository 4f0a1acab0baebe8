//! `--source snapshots` beside an installation: what it needs and what it leaves alone. That its gold is that of the
//! events is tested in case-runner.

use case_runner::silver_relations;
use pipeline::{RunError, Source, run_statuses};
use test_support::runtime;

use crate::support::{Installation, completed, day, operator_sets, texts};

#[test]
fn each_missing_daily_table_is_named_and_nothing_is_written() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let before = installation.stored().await;
        let mut request = installation.request(day("2025-04-23"));
        request.source = Source::Snapshots;
        let mut missing: Vec<&str> =
            silver_relations().iter().filter(|relation| relation.daily).map(|relation| relation.name).collect();
        missing.sort_unstable();
        assert_eq!(missing.len(), 12);
        while let Some(table) = missing.last().copied() {
            let error = installation.try_request(&request).await.unwrap_err();
            let RunError::NoDailyTables { schema, missing: named } = &error else { panic!("{error}") };
            assert_eq!(
                (schema.as_str(), named.iter().map(String::as_str).collect::<Vec<_>>()),
                ("public", missing.clone())
            );
            assert_eq!(installation.stored().await, before);
            installation.execute(&format!("CREATE TABLE public.{table} (LIKE paydirt.{table})")).await;
            missing.pop();
        }
        completed(installation.try_request(&request).await.unwrap());
    });
}

#[test]
fn a_run_from_daily_tables_leaves_silver_as_it_is_and_the_next_from_events_brings_it_up() {
    runtime().block_on(async {
        let case = operator_sets();
        let (first, second, third) = (day("2025-04-18"), day("2025-04-24"), day("2025-04-28"));
        let mut complete = Installation::of(&case).await;
        complete.complete(third).await;
        let mut mixed = Installation::of(&case).await;
        for relation in silver_relations().iter().filter(|relation| relation.daily) {
            let name = relation.name;
            mixed.execute(&format!("CREATE TABLE public.{name} (LIKE paydirt.{name})")).await;
        }
        mixed.complete(first).await;
        let silver = mixed.silver().await;
        // The indexer's tables: those of the first run's days and no more.
        for relation in silver_relations().iter().filter(|relation| relation.daily) {
            let name = relation.name;
            mixed.execute(&format!("INSERT INTO public.{name} SELECT * FROM paydirt.{name}")).await;
        }
        let mut request = mixed.request(second);
        request.source = Source::Snapshots;
        completed(mixed.try_request(&request).await.unwrap());
        assert_eq!(mixed.silver().await, silver);
        assert_eq!(texts(&mixed.client, "SELECT cutoff::text FROM paydirt.silver_state").await, ["2025-04-18"]);

        mixed.complete(third).await;
        mixed.assert_same_silver(&complete, "after a run from daily tables").await;
        let sources: Vec<String> = run_statuses(&mixed.client, &mixed.schemas)
            .await
            .unwrap()
            .into_iter()
            .map(|run| format!("{} {}", run.cutoff, run.source))
            .collect();
        assert_eq!(sources, ["2025-04-18 events", "2025-04-24 snapshots", "2025-04-28 events"]);
    });
}
