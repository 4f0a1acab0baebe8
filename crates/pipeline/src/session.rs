//! Which schemas a session works in.

use tokio_postgres::GenericClient;

/// The schemas of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schemas {
    /// Where everything paydirt owns lives (`--schema`, by default `paydirt`).
    pub own: String,
    /// Where the indexer's tables are (`--source-schema`, by default `public`).
    pub source: String,
}

impl Default for Schemas {
    fn default() -> Self {
        Self { own: "paydirt".to_owned(), source: "public".to_owned() }
    }
}

impl Schemas {
    /// Lets unqualified names mean paydirt's relations first, then the indexer's.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn own_first<C: GenericClient>(&self, client: &C) -> Result<(), tokio_postgres::Error> {
        set_search_path(client, &self.own, &self.source).await
    }

    /// Lets unqualified names mean the indexer's relations first: its daily tables have the names of paydirt's views.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn source_first<C: GenericClient>(&self, client: &C) -> Result<(), tokio_postgres::Error> {
        set_search_path(client, &self.source, &self.own).await
    }
}

async fn set_search_path<C: GenericClient>(client: &C, first: &str, second: &str) -> Result<(), tokio_postgres::Error> {
    client.query_one(include_str!("../../../sql/queries/set_search_path.sql"), &[&first, &second]).await?;
    Ok(())
}
