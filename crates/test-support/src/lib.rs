//! Throwaway PostgreSQL servers for tests.
//!
//! [`TestServer::start`] gives a private server, empty and fast (nothing is written durably), that disappears with the
//! value, with the test's panic, and with the process, however it ends. [`TestServer::shared`] gives one per process:
//! the usual choice, with a [`TestDatabase`] per test. Works as root and as ordinary users.
//!
//! ```no_run
//! let database = test_support::TestServer::shared().create_database();
//! test_support::runtime().block_on(async {
//!     let client = database::connect(&database.config(), "my test").await.expect("a session");
//!     client.batch_execute("CREATE TABLE t (a int)").await.expect("a table");
//! });
//! ```
//!
//! Everything here panics instead of returning errors: a test that cannot have its server has failed.
//!
//! # What stays behind
//!
//! One folder, `paydirt-test-template-…` in the temporary folder: the cluster that all servers are copied from, made
//! by `initdb` once per user and PostgreSQL version. It may be removed at any time.

mod proxy;
mod server;
mod template;

use std::path::{Path, PathBuf};

pub use proxy::{Cut, Direction, Proxy, Traffic};
pub use server::{TestDatabase, TestServer};

/// A Tokio runtime with everything on and two workers.
///
/// # Panics
///
/// When the system gives no threads.
#[must_use]
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a Tokio runtime can be made")
}

/// The root of the repository: the folder of the workspace's `Cargo.toml`.
///
/// # Panics
///
/// When the sources have been moved since the build.
#[must_use]
pub fn repo_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the sources are where they were built")
}

/// The acceptance cases shared with other implementations: `PAYDIRT_CASES`, or `../shared/cases` beside the
/// repository. `None` where there are none: tests of them are then skipped.
#[must_use]
pub fn shared_cases() -> Option<PathBuf> {
    let folder = std::env::var_os("PAYDIRT_CASES")
        .filter(|value| !value.is_empty())
        .map_or_else(|| repo_root().join("../shared/cases"), PathBuf::from);
    folder.canonicalize().ok().filter(|folder| folder.is_dir())
}
