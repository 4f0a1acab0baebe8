//! Getting a connection for a command.

use anyhow::Context;
use database::{Settings, Target, connect, resolve};
use pipeline::{Schemas, Sessions};
use tokio_postgres::{Client, Config};

use crate::args::Global;

pub(crate) fn schemas(global: &Global) -> Schemas {
    Schemas { own: global.schema.clone(), source: global.source_schema.clone() }
}

pub(crate) fn settings(global: &Global) -> Settings {
    Settings {
        database_url: global.database_url.clone(),
        home: global.home.clone(),
        application_name: application_name(),
    }
}

fn application_name() -> String {
    format!("paydirt {}", env!("CARGO_PKG_VERSION"))
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Which server the options and the environment name.
pub(crate) fn target(global: &Global) -> anyhow::Result<Target> {
    Ok(resolve(&settings(global), &environment)?)
}

/// How to connect to a server; the embedded one is started if need be.
pub(crate) async fn start(target: Target) -> anyhow::Result<Config> {
    match target {
        Target::Given(config, origin) => {
            tracing::info!(origin, "using the given database");
            Ok(config)
        }
        Target::Embedded(server) => {
            server.ensure_started().await.context("paydirt's own PostgreSQL (give --database-url for another)")
        }
    }
}

/// How to connect to the database to use.
pub(crate) async fn config(global: &Global) -> anyhow::Result<Config> {
    start(target(global)?).await
}

/// A connection.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Client> {
    Ok(connect(config, &application_name()).await?)
}

/// Further connections, for a run to open.
pub(crate) fn sessions(config: &Config) -> Sessions {
    Sessions::new(config.clone(), &application_name())
}

/// A connection to the database to use.
pub(crate) async fn client(global: &Global) -> anyhow::Result<Client> {
    open(&config(global).await?).await
}
