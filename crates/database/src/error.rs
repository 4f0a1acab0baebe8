//! What can go wrong between us and a PostgreSQL server.

use std::error::Error;
use std::path::PathBuf;

/// A failure to find, start, reach or administer PostgreSQL.
///
/// The `Display` text is complete: what happened, where, why, and what to do next. Causes are fields and part of the
/// text, not `Error::source`, so that no printer shows them twice. No variant ever holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The connection settings make no sense.
    #[error("invalid connection settings from {origin}: {reason}")]
    Settings {
        /// Where the settings came from, such as `DATABASE_URL`.
        origin: String,
        /// What is wrong with them and what to write instead.
        reason: String,
    },

    /// No session could be opened.
    #[error("cannot connect to PostgreSQL at {target}: {}; {advice}", chain(cause))]
    Connect {
        /// Host, port, database and user, without the password.
        target: String,
        /// What to check.
        advice: &'static str,
        /// The client library's or the server's answer.
        cause: tokio_postgres::Error,
    },

    /// The server did not answer in time.
    #[error(
        "cannot connect to PostgreSQL at {target}: no answer within {seconds} s; check the address and that the \
         server is up, or raise connect_timeout (PGCONNECT_TIMEOUT)"
    )]
    ConnectTimeout {
        /// Host, port, database and user, without the password.
        target: String,
        /// How long we waited.
        seconds: u64,
    },

    /// TLS could not be set up on our side (certificates to trust, mostly).
    #[error("cannot set up TLS for PostgreSQL at {target}: {reason}")]
    Tls {
        /// Host, port, database and user, without the password.
        target: String,
        /// What is missing and where to put it.
        reason: String,
    },

    /// The session was opened, and then a statement failed.
    #[error("PostgreSQL at {target}: could not {doing}: {}", chain(cause))]
    Statement {
        /// Host, port, database and user, without the password.
        target: String,
        /// What the statement was for.
        doing: String,
        /// The server's answer.
        cause: tokio_postgres::Error,
    },

    /// A database name PostgreSQL would refuse or silently cut.
    #[error("{name:?} cannot be the name of a database: {reason}")]
    Name {
        /// The name.
        name: String,
        /// The rule it breaks.
        reason: &'static str,
    },

    /// The PostgreSQL server programs are not installed, or too old.
    #[error(
        "no PostgreSQL server programs (initdb, postgres) of version {minimum} or newer found; looked with \
         pg_config, in PATH and in the usual folders{}. Run `make`, which checks what is needed, or install them \
         (Debian, Ubuntu: apt-get install postgresql), or name a server with --database-url or DATABASE_URL",
        found_instead(rejected)
    )]
    NoBinaries {
        /// The oldest version that will do.
        minimum: u32,
        /// Folders that have the programs but cannot be used, with the reason.
        rejected: Vec<String>,
    },

    /// The embedded cluster was made by another major version than the programs found.
    #[error(
        "the embedded database in {} was made by PostgreSQL {wanted}, and only {found} is installed; install \
         PostgreSQL {wanted} (apt-get install postgresql-{wanted}), or start afresh with another PAYDIRT_HOME",
        data_dir.display()
    )]
    VersionMismatch {
        /// The cluster's folder.
        data_dir: PathBuf,
        /// The major version in its `PG_VERSION`.
        wanted: u32,
        /// What was found.
        found: String,
    },

    /// A file or folder could not be read, made or changed.
    #[error("could not {doing} {}: {cause}", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// The operating system's answer.
        cause: std::io::Error,
    },

    /// A program we ran failed.
    #[error("{program} failed ({outcome}){}", indented(output))]
    Program {
        /// Its path.
        program: String,
        /// Exit status or why it did not start.
        outcome: String,
        /// The end of what it printed.
        output: String,
    },

    /// A folder of the embedded server belongs to somebody else.
    #[error(
        "{} belongs to user {owner}, not to {expected}; {advice}",
        path.display()
    )]
    Owner {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        owner: String,
        /// Whose it should be.
        expected: String,
        /// What to do.
        advice: &'static str,
    },

    /// We are root and found nobody else to run the server as.
    #[error(
        "PostgreSQL refuses to run as root, and none of the users {tried} exists to run it as; create one \
         (useradd --system postgres), or run paydirt as an ordinary user"
    )]
    NoServerUser {
        /// The names that were tried.
        tried: &'static str,
    },

    /// The server folder that was recorded is not there any more.
    #[error(
        "the embedded database is gone: {} says that it is in {}, and that folder does not exist; restore it, or \
         remove {} to start with an empty database",
        record.display(), path.display(), record.display()
    )]
    Gone {
        /// The file in the home that records the place.
        record: PathBuf,
        /// The folder that is missing.
        path: PathBuf,
    },

    /// The server's user cannot get to the server's folder.
    #[error(
        "user {user} cannot enter {} (a folder above it is closed to it); open that folder for traversal \
         (chmod o+x), or choose another PAYDIRT_HOME",
        path.display()
    )]
    Closed {
        /// The folder.
        path: PathBuf,
        /// The server's user.
        user: String,
    },

    /// The embedded server did not come up.
    #[error(
        "the embedded PostgreSQL server did not start: {reason}; data in {}, log in {}{}",
        data_dir.display(), log.display(), indented(tail)
    )]
    Start {
        /// The cluster's folder.
        data_dir: PathBuf,
        /// The server's log.
        log: PathBuf,
        /// What happened.
        reason: String,
        /// The end of the log.
        tail: String,
    },

    /// The embedded server did not go down.
    #[error(
        "the embedded PostgreSQL server (pid {pid}, data in {}) did not stop within {seconds} s; look at its log {}, \
         and stop it with kill -QUIT {pid} if it hangs",
        data_dir.display(), log.display()
    )]
    Stop {
        /// The cluster's folder.
        data_dir: PathBuf,
        /// The server's log.
        log: PathBuf,
        /// The server's process.
        pid: u32,
        /// How long we waited.
        seconds: u64,
    },

    /// The embedded server has never been started here, so it has no address yet.
    #[error("no embedded PostgreSQL server has been started under {}; start it first", home.display())]
    NotStarted {
        /// The paydirt home.
        home: PathBuf,
    },

    /// A task of ours panicked or was cancelled.
    #[error("internal error: a background task of the embedded server ended early ({0}); please report it")]
    Task(String),
}

impl DatabaseError {
    /// Whether no usable server could be reached (the CLI exits with 4), as opposed to a statement that failed or
    /// settings that make no sense.
    ///
    /// True for everything that ends without a session: refused connections and logins, TLS, and an embedded server
    /// that is not installed or does not start.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::ConnectTimeout { .. }
            | Self::Tls { .. }
            | Self::NoBinaries { .. }
            | Self::VersionMismatch { .. }
            | Self::Program { .. }
            | Self::Owner { .. }
            | Self::NoServerUser { .. }
            | Self::Closed { .. }
            | Self::Gone { .. }
            | Self::Start { .. }
            | Self::NotStarted { .. } => true,
            Self::Statement { cause, .. } => cause.is_closed(),
            Self::Settings { .. } | Self::Name { .. } | Self::Io { .. } | Self::Stop { .. } | Self::Task(_) => false,
        }
    }

    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>, cause: std::io::Error) -> Self {
        let path = path.into();
        Self::Io { doing, path, cause }
    }
}

/// The text of an error and of all its causes (`tokio_postgres` leaves the causes out of its own).
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}

fn found_instead(rejected: &[String]) -> String {
    if rejected.is_empty() {
        return String::new();
    }
    format!(" (not usable: {})", rejected.join("; "))
}

fn indented(output: &str) -> String {
    let output = output.trim_end();
    if output.is_empty() {
        return String::new();
    }
    format!(":\n    {}", output.replace('\n', "\n    "))
}
