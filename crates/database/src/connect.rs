//! Opening a session.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Connection, NoTls};

use crate::DatabaseError;
use crate::tls::Policy;

/// What every session of ours relies on, whatever the server, the role or the database set. Compiling statements that run once
/// takes longer than running them.
const SESSION: &str = "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; \
    SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1; \
    SET standard_conforming_strings = on; SET row_security = off; SET transform_null_equals = off; SET jit = off";

/// How long one address may take to answer, when the settings do not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens a session: TCP or Unix socket, TLS as `sslmode` asks, and the session settings our SQL relies on (UTC, ISO
/// dates, hex bytea, exact floats, UTF-8).
///
/// The settings are made with `SET` after the login, because connection poolers refuse them at start-up. The
/// connection runs in a task of its own until the client is dropped. `application_name` applies unless the
/// configuration has one. `sslmode` is ignored for Unix sockets, as in libpq.
///
/// # Errors
///
/// [`DatabaseError::Connect`], [`DatabaseError::ConnectTimeout`] or [`DatabaseError::Tls`] when there is no session;
/// [`DatabaseError::Statement`] when the server refuses our session settings.
pub async fn connect(config: &Config, application_name: &str) -> Result<Client, DatabaseError> {
    let mut config = config.clone();
    let policy = Policy::detach(&mut config);
    let target = describe(&config);
    if config.get_application_name().is_none() {
        config.application_name(application_name);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    let only_sockets =
        config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    if only_sockets {
        config.ssl_mode(SslMode::Disable);
    }
    let connector = policy
        .connector(config.get_ssl_mode())
        .map_err(|reason| DatabaseError::Tls { target: target.clone(), reason })?;
    let client = match connector {
        None => run(in_time(&config, &target, config.connect(NoTls)).await?),
        Some(connector) => run(in_time(&config, &target, config.connect(connector)).await?),
    };
    client.batch_execute(SESSION).await.map_err(|cause| DatabaseError::Statement {
        target,
        doing: "make the session settings".to_owned(),
        cause,
    })?;
    Ok(client)
}

/// The library's own time limit ends with the TCP handshake; a server that accepts and says nothing would hang us.
async fn in_time<T>(
    config: &Config,
    target: &str,
    connecting: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DatabaseError> {
    let addresses = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
    // A name may have several addresses (IPv6 and IPv4): twice the time for each, and some for the login.
    let limit = config
        .get_connect_timeout()
        .copied()
        .unwrap_or(PATIENCE)
        .saturating_mul(u32::try_from(addresses).unwrap_or(u32::MAX).saturating_mul(2));
    match tokio::time::timeout(limit, connecting).await {
        Ok(Ok(connected)) => Ok(connected),
        Ok(Err(cause)) => Err(DatabaseError::Connect { target: target.to_owned(), advice: advice(&cause), cause }),
        Err(_) => Err(DatabaseError::ConnectTimeout { target: target.to_owned(), seconds: limit.as_secs() }),
    }
}

fn run<S, T>((client, connection): (Client, Connection<S, T>)) -> Client
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // The statement that was under way reports it to its caller; this is for idle connections.
            tracing::debug!(%error, "connection to PostgreSQL ended");
        }
    });
    client
}

fn advice(cause: &tokio_postgres::Error) -> &'static str {
    match cause.code() {
        Some(code) if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "check user and password (PGPASSWORD, ~/.pgpass or the URL) and the server's pg_hba.conf"
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => "create the database, or name another one",
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => {
            "close other sessions or raise the server's max_connections"
        }
        Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => "wait until the server is up, then try again",
        Some(_) => "see the server's message",
        None => "check that the server is up and the address is right (--database-url, DATABASE_URL, PG*)",
    }
}

/// Says which server a configuration means, without its password: `host=db.example port=5432 dbname=x user=y`.
#[must_use]
pub fn describe(config: &Config) -> String {
    let list = |items: Vec<String>| items.join(",");
    let hosts = list(
        config
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(folder) => folder.display().to_string(),
            })
            .collect(),
    );
    let addresses = list(config.get_hostaddrs().iter().map(ToString::to_string).collect());
    let ports = list(config.get_ports().iter().map(ToString::to_string).collect());
    let user = config.get_user().unwrap_or("(current user)");
    [
        ("host", hosts.as_str()),
        ("hostaddr", if addresses == hosts { "" } else { &addresses }),
        ("port", if ports.is_empty() { "5432" } else { &ports }),
        ("dbname", config.get_dbname().unwrap_or(user)),
        ("user", user),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(keyword, value)| format!("{keyword}={value}"))
    .collect::<Vec<_>>()
    .join(" ")
}
