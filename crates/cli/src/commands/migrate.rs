//! `paydirt migrate`.

use anyhow::bail;
use pipeline::{migrate_down, migrate_up, migration_status, stored_work};

use crate::args::{Global, MigrateAction, MigrateOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &MigrateOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let schemas = schemas(global);
    match options.action.as_ref().unwrap_or(&MigrateAction::Up) {
        MigrateAction::Up => report("applied", &migrate_up(&mut client, &schemas).await?)?,
        MigrateAction::Down { to, yes } => {
            if let Some(work) = stored_work(&client, &schemas).await?
                && !yes
            {
                bail!("this would drop {work}; add --yes if that is what you want");
            }
            report("undone", &migrate_down(&mut client, &schemas, *to).await?)?;
        }
        MigrateAction::Status { json } => {
            let states = migration_status(&client, &schemas).await?;
            if *json {
                output::json(&states)?;
            } else {
                let row = |state: &pipeline::MigrationState| {
                    let applied = state.applied_at.clone().unwrap_or_else(|| "not applied".to_owned());
                    vec![state.version.to_string(), state.name.clone(), applied]
                };
                output::table(&["version>", "name", "applied at"], &states.iter().map(row).collect::<Vec<_>>())?;
            }
        }
    }
    Ok(crate::exit::DONE)
}

fn report(what: &str, names: &[&str]) -> anyhow::Result<()> {
    if names.is_empty() {
        return output::line("nothing to do");
    }
    for name in names {
        output::line(&format!("{what} {name}"))?;
    }
    Ok(())
}
