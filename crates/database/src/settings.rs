//! From settings and environment to a server.

use std::fmt;
use std::path::PathBuf;

use tokio_postgres::Config;

use crate::conninfo::{self, choosing_variables, refuse_service, variable};
use crate::{DatabaseError, EmbeddedServer, describe};

/// What the user said about the database.
#[derive(Clone)]
pub struct Settings {
    /// `--database-url`: a `postgresql://` URL or a `key=value` string. May hold a password.
    pub database_url: Option<String>,
    /// The folder of everything paydirt keeps: `PAYDIRT_HOME`, or `./.paydirt` ([`default_home`]).
    pub home: PathBuf,
    /// How sessions name themselves in `pg_stat_activity`, unless the connection settings say otherwise.
    pub application_name: String,
}

impl Settings {
    /// Settings from their three values.
    pub fn new(database_url: Option<String>, home: impl Into<PathBuf>, application_name: impl Into<String>) -> Self {
        Self { database_url, home: home.into(), application_name: application_name.into() }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("database_url", &self.database_url.as_ref().map(|_| "(given)"))
            .field("home", &self.home)
            .field("application_name", &self.application_name)
            .finish()
    }
}

/// `PAYDIRT_HOME`, or `.paydirt` in the current folder.
#[must_use]
pub fn default_home(env: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    PathBuf::from(variable(env, "PAYDIRT_HOME").unwrap_or_else(|| ".paydirt".to_owned()))
}

/// Which server to use.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "there is one per process; a box would only be in the way")]
pub enum Target {
    /// A server the user named, and where its settings came from: `--database-url`, `DATABASE_URL`, or the names of
    /// the `PG*` variables that chose it.
    Given(Config, String),
    /// Our own server: nothing was named.
    Embedded(EmbeddedServer),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(config, origin) => write!(f, "{} (from {origin})", describe(config)),
            Self::Embedded(server) => write!(f, "embedded server under {}", server.home().display()),
        }
    }
}

/// Decides which server to use; connects to nothing and starts nothing.
///
/// 1. `--database-url`, else `DATABASE_URL`, if set and not empty. What the string leaves open is taken from the
///    `PG*` variables, as libpq does (`PGPASSWORD` beside a URL without a password, for example).
/// 2. Else the `PG*` variables, if one of `PGHOST`, `PGHOSTADDR`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD` is
///    set. The ones that say how rather than where (`PGSSLMODE`, `PGSSLROOTCERT`, `PGOPTIONS`, `PGCONNECT_TIMEOUT`,
///    `PGPASSFILE` and others) are honoured but do not choose a server.
/// 3. Else the embedded server of `settings.home`.
///
/// A missing password is looked up in `PGPASSFILE` or `~/.pgpass`. `sslmode` may be `disable`, `allow` (read as
/// `prefer`), `prefer`, `require`, `verify-ca`, `verify-full`; the last two need `sslrootcert` (`PGSSLROOTCERT`, or
/// `~/.postgresql/root.crt`, or the word `system`).
///
/// # Errors
///
/// [`DatabaseError::Settings`] for malformed or unsupported settings (`PGSERVICE` among them); the text never holds
/// the connection string.
pub fn resolve(settings: &Settings, env: &dyn Fn(&str) -> Option<String>) -> Result<Target, DatabaseError> {
    let given = settings.database_url.clone().filter(|url| !url.trim().is_empty());
    let url = given
        .map(|url| (url, "--database-url"))
        .or_else(|| variable(env, "DATABASE_URL").map(|url| (url, "DATABASE_URL")));
    if let Some((url, origin)) = url {
        return Ok(Target::Given(conninfo::read(&url, origin, env)?, origin.to_owned()));
    }
    refuse_service(env)?;
    let chosen = choosing_variables(env);
    if !chosen.is_empty() {
        let origin = chosen.join(", ");
        return Ok(Target::Given(conninfo::read("", &origin, env)?, origin));
    }
    let server = EmbeddedServer::open(&settings.home)?;
    Ok(Target::Embedded(server.with_path(env("PATH"))))
}
