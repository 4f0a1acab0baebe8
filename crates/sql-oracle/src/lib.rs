//! Runs `sql/oracle`: the silver relations and gold steps of the spec, restated in plain SQL (design D9).
//!
//! The files were written from the spec alone, by somebody who had not seen the Rust code; this crate only executes them,
//! in order, inside the caller's transaction. Their results are temp tables that disappear with it: `oracle_<relation>`
//! for the eighteen silver relations, `oracle_gold_NN_<step>` for steps 1–22. They read the indexer's tables and nothing
//! of paydirt's but the watermarks and the quarantine.
#![deny(missing_docs)]

use chrono::NaiveDate;
use tokio_postgres::Transaction;

/// A file of `sql/oracle`.
#[derive(Clone, Copy, Debug)]
struct File {
    name: &'static str,
    text: &'static str,
    /// Whether `daily_tables.sql` stands in for it when daily state comes from the indexer's tables.
    daily: bool,
}

macro_rules! file {
    ($name:literal) => {
        file!($name, false)
    };
    ($name:literal, daily) => {
        file!($name, true)
    };
    ($name:literal, $daily:literal) => {
        File { name: $name, text: include_str!(concat!("../../../sql/oracle/", $name, ".sql")), daily: $daily }
    };
}

/// Tables the caller fills.
static INPUTS: [File; 3] = [file!("00_params"), file!("01_watermarks"), file!("02_quarantine")];

/// Everything else, in the order of `run_order.txt`.
static FILES: [File; 43] = [
    file!("03_forks"),
    file!("04_avs_directories"),
    file!("05_run"),
    file!("silver_01_combined_rewards"),
    file!("silver_02_staker_shares"),
    file!("silver_03_operator_shares"),
    file!("silver_04_operator_avs_registration_snapshots", daily),
    file!("silver_05_operator_avs_strategy_snapshots", daily),
    file!("silver_06_operator_share_snapshots", daily),
    file!("silver_07_staker_share_snapshots", daily),
    file!("silver_08_staker_delegation_snapshots", daily),
    file!("silver_09_operator_directed_rewards"),
    file!("silver_10_operator_avs_split_snapshots", daily),
    file!("silver_11_operator_pi_split_snapshots", daily),
    file!("silver_12_default_operator_split_snapshots", daily),
    file!("silver_13_operator_directed_operator_set_rewards"),
    file!("silver_14_operator_set_split_snapshots", daily),
    file!("silver_15_operator_set_operator_registration_snapshots", daily),
    file!("silver_16_operator_set_strategy_registration_snapshots", daily),
    file!("silver_17_operator_allocation_snapshots", daily),
    file!("silver_18_stake_operator_set_rewards"),
    file!("gold_01_active_rewards"),
    file!("gold_02_staker_reward_amounts"),
    file!("gold_03_operator_reward_amounts"),
    file!("gold_04_rewards_for_all"),
    file!("gold_05_rfae_stakers"),
    file!("gold_06_rfae_operators"),
    file!("gold_07_active_od_rewards"),
    file!("gold_08_operator_od_reward_amounts"),
    file!("gold_09_staker_od_reward_amounts"),
    file!("gold_10_avs_od_reward_amounts"),
    file!("gold_11_active_od_operator_set_rewards"),
    file!("gold_12_operator_od_operator_set_reward_amounts"),
    file!("gold_13_staker_od_operator_set_reward_amounts"),
    file!("gold_14_avs_od_operator_set_reward_amounts"),
    file!("gold_15_active_unique_and_total_stake_rewards"),
    file!("gold_16_operator_operator_set_unique_stake_rewards"),
    file!("gold_17_staker_operator_set_unique_stake_rewards"),
    file!("gold_18_avs_operator_set_unique_stake_rewards"),
    file!("gold_19_operator_operator_set_total_stake_rewards"),
    file!("gold_20_staker_operator_set_total_stake_rewards"),
    file!("gold_21_avs_operator_set_total_stake_rewards"),
    file!("gold_22_staging"),
];

static DAILY_TABLES: File = file!("daily_tables");

/// A statement that failed: the reference fails on such input too, or the oracle has a mistake.
#[derive(Debug, thiserror::Error)]
#[error("sql/oracle/{file}.sql")]
pub struct OracleError {
    /// The file, without extension.
    pub file: &'static str,
    /// What the server said.
    #[source]
    pub source: tokio_postgres::Error,
}

/// Where the oracle's daily state comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DailyState {
    /// From the indexer's events (spec/02).
    Events,
    /// From the daily `*_snapshots` tables the indexer keeps.
    Tables,
}

/// How many files [`compute`] runs.
#[must_use]
pub fn file_count() -> usize {
    FILES.len()
}

/// Hands the oracle its input: chain, cutoff, and the `watermarks` and `quarantine` on the search path.
///
/// # Errors
/// If the server refuses.
pub async fn prepare(client: &Transaction<'_>, chain: &str, cutoff: NaiveDate) -> Result<(), OracleError> {
    for file in &INPUTS {
        execute(client, *file).await?;
    }
    let [params, watermarks, quarantine] = &INPUTS;
    let error = |file: &File| {
        let file = file.name;
        move |source| OracleError { file, source }
    };
    let fill = include_str!("../../../sql/queries/oracle/fill_params.sql");
    client.execute(fill, &[&chain, &cutoff]).await.map_err(error(params))?;
    let fill = include_str!("../../../sql/queries/oracle/fill_watermarks.sql");
    client.execute(fill, &[]).await.map_err(error(watermarks))?;
    let fill = include_str!("../../../sql/queries/oracle/fill_quarantine.sql");
    client.execute(fill, &[]).await.map_err(error(quarantine))?;
    Ok(())
}

/// Computes every relation and step. The search path has to find the indexer's tables; `done` hears of every file.
///
/// # Errors
/// If a statement fails.
pub async fn compute(
    client: &Transaction<'_>,
    daily_state: DailyState,
    mut done: impl FnMut(&'static str),
) -> Result<(), OracleError> {
    let mut daily_tables = (daily_state == DailyState::Tables).then_some(DAILY_TABLES);
    for file in &FILES {
        let file = match daily_state {
            DailyState::Tables if file.daily => daily_tables.take(),
            _ => Some(*file),
        };
        if let Some(file) = file {
            execute(client, file).await?;
            done(file.name);
        }
    }
    Ok(())
}

async fn execute(client: &Transaction<'_>, file: File) -> Result<(), OracleError> {
    client.batch_execute(file.text).await.map_err(|source| OracleError { file: file.name, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_those_of_run_order_txt() {
        let order = include_str!("../../../sql/oracle/run_order.txt");
        let files: Vec<String> = INPUTS.iter().chain(&FILES).map(|file| format!("{}.sql", file.name)).collect();
        assert_eq!(order.lines().collect::<Vec<_>>(), files);
    }

    #[test]
    fn every_file_names_the_spec_section_it_implements() {
        for file in INPUTS.iter().chain(&FILES).chain([&DAILY_TABLES]) {
            assert!(file.text.contains("\n-- Spec:    "), "{}", file.name);
        }
    }

    #[test]
    fn daily_tables_make_what_the_files_they_stand_in_for_make() {
        for file in FILES.iter().filter(|file| file.daily) {
            let (_, relation) = file.name.split_at("silver_NN_".len());
            let create = format!("CREATE TEMP TABLE oracle_{relation} ON COMMIT DROP");
            assert!(file.text.contains(&create) && DAILY_TABLES.text.contains(&create), "{relation}");
        }
        assert_eq!(FILES.iter().filter(|file| file.daily).count(), 12);
    }
}
