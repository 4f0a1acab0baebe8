//! Further sessions of a run: one for its heartbeat, one per additional worker.

use database::connect;
use tokio_postgres::{Client, Config};

use crate::{RunError, Schemas};

/// How to open sessions on the database a run works in.
#[derive(Clone, Debug)]
pub struct Sessions {
    config: Config,
    application_name: String,
}

impl Sessions {
    /// Sessions with this configuration, named for `pg_stat_activity`.
    #[must_use]
    pub fn new(config: Config, application_name: &str) -> Self {
        Self { config, application_name: application_name.to_owned() }
    }

    /// Opens one; names mean paydirt's relations first.
    ///
    /// # Errors
    /// If the server cannot be reached or refuses.
    pub async fn open(&self, schemas: &Schemas) -> Result<Client, RunError> {
        let client = connect(&self.config, &self.application_name).await.map_err(RunError::Session)?;
        schemas.own_first(&client).await.map_err(RunError::database("set_search_path"))?;
        // A worker whose host is gone must not keep its unit for ever; see the file.
        client
            .batch_execute(include_str!("../../../sql/queries/runs/keep_alive.sql"))
            .await
            .map_err(RunError::database("keep_alive"))?;
        client
            .batch_execute(include_str!("../../../sql/queries/runs/limit_idling.sql"))
            .await
            .map_err(RunError::database("limit_idling"))?;
        Ok(client)
    }
}
