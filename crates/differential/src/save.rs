//! Keeping a dataset as a case.

use std::path::Path;

use dataset_generator::Dataset;
use tokio_postgres::Config;

use crate::DifferentialError;

/// Writes the dataset as a case folder with the SQL engine's results as the expected ones: `paydirt case` then fails
/// where the native engine differs.
///
/// # Errors
/// If the folder cannot be written; or the SQL engine fails, then `bronze/` and `case.toml` are there without results.
pub async fn save(server: &Config, dataset: &Dataset, folder: &Path) -> Result<(), DifferentialError> {
    dataset.write(folder)?;
    case_runner::write_expected(server, folder).await?;
    Ok(())
}
