//! Logs on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings, with `-v` information, with `-vv` everything of ours. RUST_LOG wins.
pub(crate) fn start(verbose: u8) {
    let default = match verbose {
        0 => "warn,tokio_postgres=error",
        1 => "info,tokio_postgres=warn",
        _ => "debug,tokio_postgres=warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();
}
