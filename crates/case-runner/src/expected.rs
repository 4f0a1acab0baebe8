//! Making a case of a dataset: its results, computed by the plain-SQL engine.

use std::fs;
use std::path::Path;

use comparison::Table;
use database::{connect, create_database, drop_database, with_database};
use pipeline::{Engine, Schemas, StepTable, migrate_up, silver_relations};
use reward_rules::Step;
use tokio_postgres::{Client, Config};

use crate::runner::{APPLICATION_NAME, Measured, database_name, measure, run_cutoffs};
use crate::table::copy_csv;
use crate::{Case, CaseError};

/// Computes the cutoffs of a case folder with the SQL engine and writes `expected/` and the `[expected.gold_table]` of
/// `case.toml`: what the native engine has to give.
///
/// # Errors
/// If the case cannot be read, run or written.
pub async fn write_expected(server: &Config, path: &Path) -> Result<(), CaseError> {
    let case = Case::read(path)?;
    let name = database_name(&case.name);
    create_database(server, &name).await?;
    let written = write_in(&with_database(server, &name), &case).await;
    drop_database(server, &name, true).await?;
    written
}

async fn write_in(config: &Config, case: &Case) -> Result<(), CaseError> {
    let mut client = connect(config, APPLICATION_NAME).await?;
    let schemas = Schemas::default();
    migrate_up(&mut client, &schemas).await?;
    let ran = run_cutoffs(&mut client, case, Engine::Sql, &|_, _| true).await?;
    for (cutoff, table) in &ran.gold {
        write_csv(&case.expected("gold", &cutoff.to_string()), table)?;
    }
    for (step, table) in ran.steps {
        if step != Step::Staging && !table.rows.is_empty() {
            let StepTable { columns, rows } = table;
            let columns = columns.into_iter().map(str::to_owned).collect();
            write_csv(&case.expected("steps", step.name()), &Table { columns, rows })?;
        }
    }
    write_silver(&mut client, &schemas, case).await?;
    let Measured { rows, amount_sum, sha256 } = measure(&ran.whole);
    let expected = format!(
        "\n# Computed by sql/oracle.\n[expected.gold_table]\nrows = {rows}\namount_sum = \"{amount_sum}\"\nsha256 = \"{sha256}\"\n"
    );
    let file = case.path.join("case.toml");
    let error = |source| CaseError::File { path: file.clone(), source };
    let mut text = fs::read_to_string(&file).map_err(error)?;
    text.push_str(&expected);
    fs::write(&file, text).map_err(error)
}

/// The oracle's silver at the last cutoff.
async fn write_silver(client: &mut Client, schemas: &Schemas, case: &Case) -> Result<(), CaseError> {
    let Some(cutoff) = case.cutoffs.last() else { return Ok(()) };
    let read = |what: &str| {
        let what = what.to_owned();
        move |source| CaseError::Read { what, source }
    };
    let transaction = client.transaction().await.map_err(read("begin"))?;
    schemas.own_first(&transaction).await.map_err(read("search_path"))?;
    let oracle = |source| CaseError::Oracle { cutoff: cutoff.to_string(), source };
    sql_oracle::prepare(&transaction, case.chain.name(), cutoff.date()).await.map_err(oracle)?;
    schemas.source_first(&transaction).await.map_err(read("search_path"))?;
    sql_oracle::compute(&transaction, sql_oracle::DailyState::Events, |_| ()).await.map_err(oracle)?;
    for relation in silver_relations() {
        let copy = relation.copy.replace(&format!("FROM {}", relation.name), &format!("FROM oracle_{}", relation.name));
        let table = copy_csv(transaction.client(), relation.name, &copy).await?;
        write_csv(&case.expected("silver", relation.name), &table)?;
    }
    transaction.rollback().await.map_err(read("rollback"))
}

fn write_csv(path: &Path, table: &Table) -> Result<(), CaseError> {
    let io = |source| CaseError::File { path: path.to_owned(), source };
    let csv = |source| CaseError::Csv { what: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io)?;
    }
    let mut writer = csv::Writer::from_path(path).map_err(csv)?;
    writer.write_record(&table.columns).map_err(csv)?;
    for row in &table.rows {
        writer.write_record(row).map_err(csv)?;
    }
    writer.flush().map_err(io)
}
