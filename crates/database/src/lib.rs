//! Where PostgreSQL is: connection settings, and an embedded server when there are none.
//!
//! [`resolve`] turns settings and environment into a [`Target`]: a server that was given (`--database-url`,
//! `DATABASE_URL`, the `PG*` variables, in that order), or else a private server of our own, the
//! [`EmbeddedServer`], made from the system's PostgreSQL binaries under the paydirt home. Both end in a
//! [`tokio_postgres::Config`], and [`connect`] opens sessions from it: there is one code path after that.
//!
//! ```no_run
//! # async fn f() -> Result<(), database::DatabaseError> {
//! let env = |name: &str| std::env::var(name).ok();
//! let settings = database::Settings::new(None, database::default_home(&env), "paydirt");
//! let config = match database::resolve(&settings, &env)? {
//!     database::Target::Given(config, _origin) => config,
//!     database::Target::Embedded(server) => server.ensure_started().await?,
//! };
//! let client = database::connect(&config, &settings.application_name).await?;
//! # drop(client); Ok(()) }
//! ```
//!
//! # Privacy
//!
//! Passwords are never part of an error, a log line or a `Debug` text of this crate. The embedded server listens on a
//! Unix socket only; its folders are 0700, which is why `trust` authentication on that socket is safe.

mod admin;
mod binaries;
pub mod cluster;
mod connect;
mod conninfo;
mod embedded;
mod error;
mod passfile;
mod place;
mod postmaster;
mod settings;
mod tls;
mod tuning;

pub use admin::{create_database, drop_database, quote_identifier, with_database};
pub use binaries::{Binaries, MINIMUM_MAJOR, Version, find_binaries};
pub use connect::{connect, describe};
pub use embedded::{EMBEDDED_DATABASE, EMBEDDED_USER, EmbeddedServer, ServerStatus, StopOutcome};
pub use error::DatabaseError;
pub use settings::{Settings, Target, default_home, resolve};
pub use tuning::embedded_settings;
