//! Making and dropping databases.

use tokio_postgres::{Client, Config};

use crate::{DatabaseError, connect, describe};

/// PostgreSQL cuts longer names silently (`NAMEDATALEN` - 1).
const LONGEST_NAME: usize = 63;

/// The same server and user, another database.
#[must_use]
pub fn with_database(config: &Config, name: &str) -> Config {
    let mut config = config.clone();
    config.dbname(name);
    config
}

/// A name as an SQL identifier: in double quotes, inner ones doubled.
///
/// ```
/// assert_eq!(database::quote_identifier("a\"b"), "\"a\"\"b\"");
/// ```
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Makes an empty database: UTF-8, C collation, from `template0`, so that it is the same on every server.
///
/// `config` names a database of the same server to connect to meanwhile; the role needs `CREATEDB`.
///
/// # Errors
///
/// [`DatabaseError::Name`], what [`connect`] returns, or [`DatabaseError::Statement`] (the database exists, no right).
pub async fn create_database(config: &Config, name: &str) -> Result<(), DatabaseError> {
    let client = connect(config, "paydirt").await?;
    create_with(&client, config, name).await
}

pub(crate) async fn create_with(client: &Client, config: &Config, name: &str) -> Result<(), DatabaseError> {
    check(name)?;
    let fail =
        |cause| DatabaseError::Statement { target: describe(config), doing: format!("create database {name}"), cause };
    let row =
        client.query_one("SELECT current_setting('server_version_num')::int >= 150000", &[]).await.map_err(fail)?;
    // Where ICU is the default, C collation must be asked for by provider.
    let provider = if row.get(0) { " LOCALE_PROVIDER libc" } else { "" };
    let statement = format!(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'{provider}",
        quote_identifier(name)
    );
    client.batch_execute(&statement).await.map_err(fail)
}

/// Drops a database if it exists; with `force`, ends the sessions that use it.
///
/// # Errors
///
/// As [`create_database`]; without `force`, also when somebody is connected to it.
pub async fn drop_database(config: &Config, name: &str, force: bool) -> Result<(), DatabaseError> {
    check(name)?;
    let client = connect(config, "paydirt").await?;
    let force = if force { " WITH (FORCE)" } else { "" };
    let statement = format!("DROP DATABASE IF EXISTS {}{force}", quote_identifier(name));
    client.batch_execute(&statement).await.map_err(|cause| DatabaseError::Statement {
        target: describe(config),
        doing: format!("drop database {name}"),
        cause,
    })
}

fn check(name: &str) -> Result<(), DatabaseError> {
    let refuse = |reason| Err(DatabaseError::Name { name: name.to_owned(), reason });
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.len() > LONGEST_NAME {
        return refuse("it is longer than 63 bytes, which PostgreSQL would cut silently");
    }
    if name.contains('\0') {
        return refuse("it contains a zero byte");
    }
    Ok(())
}
