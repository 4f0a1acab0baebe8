//! Other names than `paydirt` and `public`, also names that need quoting.

use pipeline::{migrate_down, migrate_up, plan_run, run_statuses};
use test_support::runtime;

use crate::support::{Installation, catalog, day, of_schema, operator_sets, quoted, schemas, texts};

const NAMES: [(&str, &str); 5] = [
    ("Weird Schema", "o'brien"),
    ("o'brien", "public"),
    ("SELECT", "say \"hi\""),
    ("a.b", "x, y"),
    ("x, y", "back\\slash ü"),
];

#[test]
fn migrations_imports_plans_and_runs_work_in_schemas_of_any_name() {
    runtime().block_on(async {
        let case = operator_sets();
        let cutoff = day("2025-04-23");
        let mut usual = Installation::of(&case).await;
        usual.complete(cutoff).await;
        let expected = usual.gold().await;
        assert!(!expected.is_empty());

        for (own, source) in NAMES {
            let mut installation = Installation::empty().await;
            installation.schemas = schemas(own, source);
            installation.chain = case.chain;
            installation.execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(source))).await;
            migrate_up(&mut installation.client, &installation.schemas).await.unwrap();
            installation.import(&case.path).await;
            let all = catalog(&installation.client).await;
            let strangers: Vec<&String> = all
                .iter()
                .filter(|line| !["public: schema".to_owned()].contains(line))
                .filter(|line| !line.starts_with(&format!("{own}: ")) && !line.starts_with(&format!("{source}: ")))
                .collect();
            assert!(strangers.is_empty(), "{own}, {source}: {strangers:?}");

            let request = installation.request(cutoff);
            let plan = plan_run(
                &mut installation.client,
                &installation.schemas,
                case.chain,
                reward_rules::Mode::Compatible,
                request.cutoff,
            )
            .await
            .unwrap();
            assert_eq!(installation.complete(cutoff).await.plan, plan, "{own}, {source}");
            assert_eq!(installation.gold().await, expected, "{own}, {source}");
            assert_eq!(run_statuses(&installation.client, &installation.schemas).await.unwrap().len(), 1);

            installation.execute(&format!("TRUNCATE {}", tables(&installation, source).await)).await;
            migrate_down(&mut installation.client, &installation.schemas, 0).await.unwrap();
            let left = of_schema(&catalog(&installation.client).await, source, true);
            assert_eq!(left, [format!("{source}: schema")], "{own}, {source}");
        }
    });
}

async fn tables(installation: &Installation, schema: &str) -> String {
    let literal = schema.replace('\'', "''");
    let query = format!(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables \
        WHERE schemaname = E'{}'",
        literal.replace('\\', "\\\\")
    );
    texts(&installation.client, &query).await.join(", ")
}

#[test]
fn two_installations_in_one_database_do_not_know_each_other() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut first = Installation::of(&case).await;
        first.complete(day("2025-04-17")).await;
        let before = first.stored().await;

        let second = schemas("paydirt two", "public");
        migrate_up(&mut first.client, &second).await.unwrap();
        let ours = std::mem::replace(&mut first.schemas, second);
        first.complete(day("2025-04-23")).await;
        assert_eq!(run_statuses(&first.client, &first.schemas).await.unwrap().len(), 1);
        first.schemas = ours;
        assert_eq!(first.stored().await, before);
        first.complete(day("2025-04-18")).await;
    });
}
