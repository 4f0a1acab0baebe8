//! `paydirt import`.

use serde::Serialize;

use crate::args::{Global, ImportOptions};
use crate::output;
use crate::progress::ImportBars;
use crate::session::{client, schemas};

#[derive(Serialize)]
struct ImportedTable<'a> {
    table: &'a str,
    rows: u64,
}

pub(crate) async fn execute(global: &Global, options: &ImportOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let schemas = schemas(global);
    pipeline::require_current(&client, &schemas).await?;
    let imported = bronze::import(&mut client, &schemas.source, &options.dir, &ImportBars::default()).await?;
    let tables: Vec<ImportedTable<'_>> =
        imported.iter().map(|table| ImportedTable { table: table.table, rows: table.rows }).collect();
    if options.json {
        output::json(&tables)?;
    } else {
        let mut rows: Vec<Vec<String>> =
            tables.iter().map(|table| vec![table.table.to_owned(), output::count(table.rows)]).collect();
        rows.push(vec!["total".to_owned(), output::count(tables.iter().map(|table| table.rows).sum())]);
        output::table(&["table", "rows>"], &rows)?;
    }
    Ok(crate::exit::DONE)
}
