//! Migrations up and down, checksummed, each in a transaction with its bookkeeping row (engineering 17).
//!
//! A file has a section `-- up` and a section `-- down`. Between them may be `-- up concurrently`, for what must not block
//! readers and writers of big tables (CREATE INDEX CONCURRENTLY): one query that returns the statements still to run. They
//! run one by one outside of a transaction, the query is asked again, and when it returns nothing the migration is recorded.
//! If it is interrupted, it is not recorded and begins anew: `up` and `down` of such a migration can be repeated. On an empty
//! schema `up` alone has to do everything.
//!
//! Migration 1 makes the indexer's tables in the source schema if there are none; an indexer's own tables are left
//! untouched. The others make what paydirt owns.

use std::time::Duration;

use bronze::{BronzeError, Presence, presence};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, GenericClient, Transaction};

use crate::Schemas;

/// A migration file.
struct Migration {
    version: i32,
    name: &'static str,
    text: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            text: include_str!(concat!("../../../sql/migrations/", $name, ".sql")),
        }
    };
}

/// The migration that makes the indexer's tables.
const BRONZE: i32 = 1;

/// How often the statements of `-- up concurrently` are asked for again, in case a run makes partitions meanwhile.
const ROUNDS: usize = 5;

/// How long to wait before asking for the lock again.
const LOCK_PAUSE: Duration = Duration::from_millis(100);

static MIGRATIONS: [Migration; 14] = [
    migration!(1, "0001_bronze"),
    migration!(2, "0002_silver"),
    migration!(3, "0003_gold"),
    migration!(4, "0004_delta_silver"),
    migration!(5, "0005_ledger"),
    migration!(6, "0006_lease"),
    migration!(7, "0007_workers"),
    migration!(8, "0008_rewind"),
    migration!(9, "0009_partitions_and_indexes"),
    migration!(10, "0010_compact_gold"),
    migration!(11, "0011_balances"),
    migration!(12, "0012_manifests"),
    migration!(13, "0013_mode"),
    migration!(14, "0014_manifest_roots"),
];

/// One migration and whether it is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigrationState {
    /// Its number.
    pub version: i32,
    /// Its file name without extension.
    pub name: String,
    /// When it was applied, UTC; `None` while it is not.
    pub applied_at: Option<String>,
}

/// A migration that cannot be applied or undone.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Own and source schema must differ.
    #[error("--schema and --source-schema are both '{0}'; paydirt's relations would collide with the indexer's")]
    SameSchema(String),
    /// There is no source schema: the indexer's tables would be made in paydirt's.
    #[error("there is no schema '{0}'; create it, or name the indexer's with --source-schema")]
    NoSourceSchema(String),
    /// Some of the indexer's tables are there, and some are missing or different.
    #[error("schema '{schema}' has some of the indexer's tables but not as needed: {problems}")]
    IncompleteSource {
        /// The source schema.
        schema: String,
        /// Missing tables and columns that differ.
        problems: String,
    },
    /// An applied migration is not the one this program has.
    #[error(
        "migration {version} {name} was applied with other content; this database belongs to another version of paydirt"
    )]
    Changed {
        /// Its number.
        version: i32,
        /// Its name.
        name: String,
    },
    /// The database has a migration this program does not know.
    #[error(
        "the database has migration {version} {name}, which this version of paydirt does not know; use a newer one"
    )]
    Unknown {
        /// Its number.
        version: i32,
        /// Its name.
        name: String,
    },
    /// Migrations are missing.
    #[error("schema '{schema}' is not up to date: migration {name} is missing; run: paydirt migrate")]
    Pending {
        /// The schema.
        schema: String,
        /// The first missing one.
        name: &'static str,
    },
    /// `down --to` names no migration.
    #[error("there is no migration {0}; use a number from 0 to {newest}", newest = MIGRATIONS.len())]
    NoSuchVersion(i32),
    /// A migration file without the two sections (our bug).
    #[error("migration {0} has no up or no down section")]
    Malformed(&'static str),
    /// A migration file whose concurrent section is not between the other two (our bug).
    #[error("migration {0} has its section 'up concurrently' after 'down', or twice")]
    MisplacedConcurrent(&'static str),
    /// A statement outside of a transaction failed; what was done before it stays.
    #[error(
        "migration {name} is half done: {statement} failed; remove the cause and run: paydirt migrate (it begins again and \
         keeps what is built)"
    )]
    FailedConcurrently {
        /// Which.
        name: &'static str,
        /// The statement.
        statement: String,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
    /// There is always another statement to run outside of a transaction.
    #[error(
        "migration {name} is half done: there is still to do: {statement}; is something making partitions or dropping \
         indexes? Stop it and run: paydirt migrate"
    )]
    Unsettled {
        /// Which.
        name: &'static str,
        /// The next statement.
        statement: String,
    },
    /// The session that took the lock is not the one that asks now.
    #[error(
        "locks of a session do not hold here: there is a transaction pooler between; connect to the server itself, or \
         to the pooler's session mode"
    )]
    NoSessionLocks,
    /// A migration failed and was rolled back.
    #[error("migration {name} failed and was rolled back")]
    Failed {
        /// Which.
        name: &'static str,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The source schema could not be looked at.
    #[error(transparent)]
    Bronze(#[from] BronzeError),
    /// A statement failed.
    #[error("statement {what}")]
    Database {
        /// Which.
        what: &'static str,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
}

/// The parts of a migration file.
struct Sections {
    /// In a transaction.
    up: &'static str,
    /// The query for the statements that follow outside of one.
    concurrently: Option<&'static str>,
    /// In a transaction.
    down: &'static str,
}

impl Migration {
    fn sections(&self) -> Result<Sections, MigrateError> {
        const CONCURRENTLY: &str = "\n-- up concurrently\n";
        let malformed = || MigrateError::Malformed(self.name);
        let (_, rest) = self.text.split_once("\n-- up\n").ok_or_else(malformed)?;
        let (up, down) = rest.split_once("\n-- down\n").ok_or_else(malformed)?;
        let (up, concurrently) = match up.split_once(CONCURRENTLY) {
            Some((up, concurrently)) => (up, Some(concurrently)),
            None => (up, None),
        };
        if down.contains(CONCURRENTLY) || concurrently.is_some_and(|query| query.contains(CONCURRENTLY)) {
            return Err(MigrateError::MisplacedConcurrent(self.name));
        }
        Ok(Sections { up, concurrently, down })
    }

    fn checksum(&self) -> String {
        Sha256::digest(self.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> MigrateError {
    move |source| MigrateError::Database { what, source }
}

struct Applied {
    version: i32,
    name: String,
    checksum: String,
    applied_at: String,
}

async fn applied<C: GenericClient>(client: &C, schemas: &Schemas) -> Result<Vec<Applied>, MigrateError> {
    let exists = client
        .query_one(include_str!("../../../sql/queries/migrate/exists.sql"), &[&schemas.own])
        .await
        .map_err(database("migrate/exists"))?;
    if !exists.get::<_, bool>("found") {
        return Ok(Vec::new());
    }
    let rows = client
        .query(include_str!("../../../sql/queries/migrate/applied.sql"), &[])
        .await
        .map_err(database("migrate/applied"))?;
    let applied: Vec<Applied> = rows
        .iter()
        .map(|row| Applied {
            version: row.get("version"),
            name: row.get("name"),
            checksum: row.get("checksum"),
            applied_at: row.get("applied_at"),
        })
        .collect();
    for row in &applied {
        let Some(known) = MIGRATIONS.iter().find(|migration| migration.version == row.version) else {
            return Err(MigrateError::Unknown { version: row.version, name: row.name.clone() });
        };
        if known.checksum() != row.checksum {
            return Err(MigrateError::Changed { version: row.version, name: row.name.clone() });
        }
    }
    Ok(applied)
}

/// Every migration and whether it is applied. Changes nothing.
///
/// # Errors
/// If the database has migrations this program does not know.
pub async fn migration_status<C: GenericClient>(
    client: &C,
    schemas: &Schemas,
) -> Result<Vec<MigrationState>, MigrateError> {
    check_names(schemas)?;
    schemas.own_first(client).await.map_err(database("set_search_path"))?;
    let applied = applied(client, schemas).await?;
    Ok(MIGRATIONS
        .iter()
        .map(|migration| MigrationState {
            version: migration.version,
            name: migration.name.to_owned(),
            applied_at: applied.iter().find(|row| row.version == migration.version).map(|row| row.applied_at.clone()),
        })
        .collect())
}

/// Applies every migration that is missing and returns their names.
///
/// # Errors
/// If a migration fails (it is rolled back, earlier ones stay), or the source schema is incomplete.
pub async fn migrate_up(client: &mut Client, schemas: &Schemas) -> Result<Vec<&'static str>, MigrateError> {
    check_names(schemas)?;
    lock(client, schemas).await?;
    let done = up_locked(client, schemas).await;
    unlock(client, schemas, done).await
}

async fn up_locked(client: &mut Client, schemas: &Schemas) -> Result<Vec<&'static str>, MigrateError> {
    let transaction = begin(client, schemas).await?;
    let source = transaction
        .query_one(include_str!("../../../sql/queries/migrate/schema_exists.sql"), &[&schemas.source])
        .await
        .map_err(database("migrate/schema_exists"))?;
    if !source.get::<_, bool>("found") {
        return Err(MigrateError::NoSourceSchema(schemas.source.clone()));
    }
    transaction
        .query_one(include_str!("../../../sql/queries/migrate/name_schema.sql"), &[&schemas.own])
        .await
        .map_err(database("name_schema"))?;
    for (what, statement) in [
        ("create_schema", include_str!("../../../sql/queries/migrate/create_schema.sql")),
        ("create_bookkeeping", include_str!("../../../sql/queries/migrate/create_bookkeeping.sql")),
    ] {
        transaction.batch_execute(statement).await.map_err(database(what))?;
    }
    transaction.commit().await.map_err(database("commit"))?;

    let mut done = Vec::new();
    for migration in &MIGRATIONS {
        let transaction = begin(client, schemas).await?;
        if applied(&transaction, schemas).await?.iter().any(|row| row.version == migration.version) {
            continue;
        }
        let Sections { up, concurrently, .. } = migration.sections()?;
        let failed = |source| MigrateError::Failed { name: migration.name, source };
        if migration.version == BRONZE {
            match presence(transaction.client(), &schemas.source).await? {
                Presence::None => {
                    schemas.source_first(&transaction).await.map_err(database("set_search_path"))?;
                    transaction.batch_execute(up).await.map_err(failed)?;
                    schemas.own_first(&transaction).await.map_err(database("set_search_path"))?;
                }
                Presence::All => {}
                Presence::Partial { missing, wrong } => {
                    let missing = missing.into_iter().map(|table| format!("table {table} is missing"));
                    let problems: Vec<String> = missing.chain(wrong.iter().map(ToString::to_string)).collect();
                    return Err(MigrateError::IncompleteSource {
                        schema: schemas.source.clone(),
                        problems: problems.join("; "),
                    });
                }
            }
        } else {
            transaction.batch_execute(up).await.map_err(failed)?;
        }
        let transaction = match concurrently {
            None => transaction,
            Some(query) => {
                transaction.commit().await.map_err(database("commit"))?;
                run_concurrently(client, migration.name, query).await?;
                begin(client, schemas).await?
            }
        };
        transaction
            .execute(
                include_str!("../../../sql/queries/migrate/record.sql"),
                &[&migration.version, &migration.name, &migration.checksum()],
            )
            .await
            .map_err(database("migrate/record"))?;
        transaction.commit().await.map_err(database("commit"))?;
        done.push(migration.name);
    }
    Ok(done)
}

/// Runs the statements of a section `-- up concurrently` until none is left.
async fn run_concurrently(client: &Client, name: &'static str, query: &str) -> Result<(), MigrateError> {
    for round in 0..=ROUNDS {
        let rows = client.query(query, &[]).await.map_err(|source| MigrateError::Failed { name, source })?;
        let statements: Vec<String> = rows.iter().map(|row| row.get("statement")).collect();
        match statements.first() {
            None => return Ok(()),
            Some(statement) if round == ROUNDS => {
                return Err(MigrateError::Unsettled { name, statement: statement.clone() });
            }
            Some(_) => {}
        }
        for statement in statements {
            tracing::info!(migration = name, statement, "outside of a transaction");
            client.batch_execute(&statement).await.map_err(|source| MigrateError::FailedConcurrently {
                name,
                statement,
                source,
            })?;
        }
    }
    Ok(())
}

/// Makes what paydirt owns in a schema of its own, inside the caller's transaction, and lets names mean it first.
///
/// For comparisons: the caller rolls back, and nothing was ever there.
pub(crate) async fn create_scratch(transaction: &Transaction<'_>, schemas: &Schemas) -> Result<(), MigrateError> {
    transaction
        .query_one(include_str!("../../../sql/queries/migrate/name_schema.sql"), &[&schemas.own])
        .await
        .map_err(database("name_schema"))?;
    let create = include_str!("../../../sql/queries/migrate/create_schema.sql");
    transaction.batch_execute(create).await.map_err(database("create_schema"))?;
    schemas.own_first(transaction).await.map_err(database("set_search_path"))?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version != BRONZE) {
        // There are no rows yet: nothing of `-- up concurrently` is to do.
        let Sections { up, .. } = migration.sections()?;
        transaction.batch_execute(up).await.map_err(|source| MigrateError::Failed { name: migration.name, source })?;
    }
    Ok(())
}

/// Undoes every migration above `to`, newest first, and returns their names.
///
/// Undoing migration 1 drops the indexer's tables only if they are empty.
///
/// # Errors
/// If a migration cannot be undone (it is rolled back, newer ones stay undone).
pub async fn migrate_down(client: &mut Client, schemas: &Schemas, to: i32) -> Result<Vec<&'static str>, MigrateError> {
    check_names(schemas)?;
    if to != 0 && !MIGRATIONS.iter().any(|migration| migration.version == to) {
        return Err(MigrateError::NoSuchVersion(to));
    }
    lock(client, schemas).await?;
    let done = down_locked(client, schemas, to).await;
    unlock(client, schemas, done).await
}

async fn down_locked(client: &mut Client, schemas: &Schemas, to: i32) -> Result<Vec<&'static str>, MigrateError> {
    let mut done = Vec::new();
    for migration in MIGRATIONS.iter().rev().filter(|migration| migration.version > to) {
        let transaction = begin(client, schemas).await?;
        let applied = applied(&transaction, schemas).await?;
        let Sections { down, concurrently, .. } = migration.sections()?;
        if !applied.iter().any(|row| row.version == migration.version) {
            // It may have been interrupted half-way, if the one before it is the newest that is applied.
            if concurrently.is_some() && applied.last().is_some_and(|newest| newest.version + 1 == migration.version) {
                let failed = |source| MigrateError::Failed { name: migration.name, source };
                transaction.batch_execute(down).await.map_err(failed)?;
                transaction.commit().await.map_err(database("commit"))?;
            }
            continue;
        }
        if migration.version == BRONZE {
            schemas.source_first(&transaction).await.map_err(database("set_search_path"))?;
        }
        transaction
            .batch_execute(down)
            .await
            .map_err(|source| MigrateError::Failed { name: migration.name, source })?;
        schemas.own_first(&transaction).await.map_err(database("set_search_path"))?;
        transaction
            .execute(include_str!("../../../sql/queries/migrate/forget.sql"), &[&migration.version])
            .await
            .map_err(database("migrate/forget"))?;
        transaction.commit().await.map_err(database("commit"))?;
        done.push(migration.name);
    }
    Ok(done)
}

/// What undoing migrations would lose: complete runs and their rows. `None` if there are none.
///
/// # Errors
/// If the server refuses.
pub async fn stored_work(client: &Client, schemas: &Schemas) -> Result<Option<String>, MigrateError> {
    let states = migration_status(client, schemas).await?;
    if states.iter().any(|state| state.applied_at.is_none()) {
        return Ok(None);
    }
    let row = client
        .query_one(include_str!("../../../sql/queries/migrate/stored_work.sql"), &[])
        .await
        .map_err(database("migrate/stored_work"))?;
    let (runs, rows): (i64, i64) = (row.get("runs"), row.get("gold_rows"));
    Ok((runs > 0).then(|| format!("{runs} complete runs with {rows} gold rows")))
}

/// Refuses to go on unless every migration is applied.
///
/// # Errors
/// [`MigrateError::Pending`] with the first missing one.
pub async fn require_current<C: GenericClient>(client: &C, schemas: &Schemas) -> Result<(), MigrateError> {
    let states = migration_status(client, schemas).await?;
    match states.iter().zip(&MIGRATIONS).find(|(state, _)| state.applied_at.is_none()) {
        Some((_, migration)) => Err(MigrateError::Pending { schema: schemas.own.clone(), name: migration.name }),
        None => Ok(()),
    }
}

fn check_names(schemas: &Schemas) -> Result<(), MigrateError> {
    if schemas.own == schemas.source {
        return Err(MigrateError::SameSchema(schemas.own.clone()));
    }
    Ok(())
}

/// One migration at a time per schema: waits for the lock, for this session.
async fn lock(client: &Client, schemas: &Schemas) -> Result<(), MigrateError> {
    let try_lock = include_str!("../../../sql/queries/migrate/try_lock.sql");
    loop {
        let row = client.query_one(try_lock, &[&schemas.own]).await.map_err(database("migrate/try_lock"))?;
        if row.get::<_, bool>("locked") {
            break;
        }
        tokio::time::sleep(LOCK_PAUSE).await;
    }
    let held: bool = client
        .query_one(include_str!("../../../sql/queries/migrate/holds_lock.sql"), &[&schemas.own])
        .await
        .map_err(database("migrate/holds_lock"))?
        .get("held");
    if held { Ok(()) } else { Err(MigrateError::NoSessionLocks) }
}

/// Gives the lock back, whatever was done; after a lost connection the server has done so itself.
async fn unlock<T>(client: &Client, schemas: &Schemas, done: Result<T, MigrateError>) -> Result<T, MigrateError> {
    let unlocked = if client.is_closed() {
        Ok(())
    } else {
        let unlock = include_str!("../../../sql/queries/migrate/unlock.sql");
        client.query_one(unlock, &[&schemas.own]).await.map(drop).map_err(database("migrate/unlock"))
    };
    let done = done?;
    unlocked?;
    Ok(done)
}

/// A transaction in which names mean paydirt's relations first. The lock is held.
async fn begin<'a>(client: &'a mut Client, schemas: &Schemas) -> Result<Transaction<'a>, MigrateError> {
    let transaction = client.transaction().await.map_err(database("begin"))?;
    schemas.own_first(&transaction).await.map_err(database("set_search_path"))?;
    Ok(transaction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_both_sections_and_versions_are_gapless() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.version).unwrap(), index + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)));
            migration.sections().unwrap();
        }
    }

    #[test]
    fn sections_are_told_apart_and_have_to_be_in_order() {
        let sections = |text| Migration { version: 1, name: "m", text }.sections();
        let plain = sections("x\n-- up\na\n-- down\nb").unwrap();
        assert_eq!((plain.up, plain.concurrently, plain.down), ("a", None, "b"));
        let concurrent = sections("x\n-- up\na\n-- up concurrently\nc\n-- down\nb").unwrap();
        assert_eq!((concurrent.up, concurrent.concurrently, concurrent.down), ("a", Some("c"), "b"));
        for text in ["x\n-- up\na", "x\n-- down\na", "x\n-- up concurrently\na\n-- down\nb"] {
            assert!(matches!(sections(text), Err(MigrateError::Malformed("m"))), "{text}");
        }
        for text in [
            "x\n-- up\na\n-- down\nb\n-- up concurrently\nc",
            "x\n-- up\na\n-- up concurrently\nb\n-- up concurrently\nc\n-- down\nd",
        ] {
            assert!(matches!(sections(text), Err(MigrateError::MisplacedConcurrent("m"))), "{text}");
        }
    }
}
