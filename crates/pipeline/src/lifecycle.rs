//! Whether a run may start (spec/00 §5).

use std::str::FromStr;

use chrono::{NaiveDateTime, Utc};
use reward_rules::{Chain, Day, ForkDates, Mode};
use tokio_postgres::{Client, GenericClient, Row};

use crate::migrate::require_current;
use crate::{Engine, RunError, RunRequest, Schemas};

/// `--cutoff`: a date, or the newest one that can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutoffArgument {
    /// The newest date D, not after today (UTC), for which the newest block's time is at or after D 00:00.
    Latest,
    /// D.
    Date(Day),
}

impl FromStr for CutoffArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        // chrono takes 2026-3-1 too; the reference wants all ten characters.
        match Day::from_str(text) {
            Ok(day) if day.to_string() == text => Ok(Self::Date(day)),
            _ => Err(format!("'{text}' is not a date YYYY-MM-DD and not 'latest'")),
        }
    }
}

/// Today in UTC.
pub(crate) fn today() -> Day {
    Day::from(Utc::now().date_naive())
}

/// The cutoff a run or plan is about, checked against today, the fork tables and the newest block.
///
/// # Errors
/// If there is no block, or the cutoff lies in the future, before the fork tables or after the newest block.
pub(crate) async fn resolve_cutoff(
    client: &Client,
    schemas: &Schemas,
    chain: Chain,
    cutoff: CutoffArgument,
    past_newest_block: bool,
) -> Result<Day, RunError> {
    let today = today();
    let forks = ForkDates::of(chain);
    let covered = |cutoff: Day| {
        if forks.covers(cutoff) {
            Ok(())
        } else {
            Err(RunError::NotCovered { cutoff, chain: chain.name(), first: forks.first_covered() })
        }
    };
    if let CutoffArgument::Date(cutoff) = cutoff {
        if cutoff > today {
            return Err(RunError::FutureCutoff { cutoff, today });
        }
        covered(cutoff)?;
    }
    let newest: Option<NaiveDateTime> = client
        .query_one(include_str!("../../../sql/queries/runs/newest_block.sql"), &[])
        .await
        .map_err(RunError::database("newest_block"))?
        .get("block_time");
    let newest = newest.ok_or_else(|| RunError::NoBlocks { schema: schemas.source.clone() })?;
    let newest_day = Day::from(newest.date());
    match cutoff {
        CutoffArgument::Latest => {
            let cutoff = newest_day.min(today);
            covered(cutoff)?;
            Ok(cutoff)
        }
        CutoffArgument::Date(cutoff) if cutoff > newest_day && !past_newest_block => {
            Err(RunError::PastNewestBlock { cutoff, newest })
        }
        CutoffArgument::Date(cutoff) => Ok(cutoff),
    }
}

/// The chain of the runs so far, if there are any.
///
/// # Errors
/// If the schema is not this release's, or the server refuses.
pub async fn chain_of_runs(client: &Client, schemas: &Schemas) -> Result<Option<Chain>, RunError> {
    require_current(client, schemas).await?;
    let row = client
        .query_opt(include_str!("../../../sql/queries/runs/chain_and_mode.sql"), &[])
        .await
        .map_err(RunError::database("chain_and_mode"))?;
    let unreadable = |chain: &str| RunError::Unreadable { what: "runs.chain", value: chain.to_owned() };
    row.map(|row| row.get::<_, &str>("chain").parse().map_err(|_| unreadable(row.get("chain")))).transpose()
}

/// Refuses a chain other than that of the runs so far; gives their mode, if there are any.
pub(crate) async fn require_same_chain<C: GenericClient>(
    client: &C,
    schemas: &Schemas,
    chain: Chain,
) -> Result<Option<Mode>, RunError> {
    let row = client
        .query_opt(include_str!("../../../sql/queries/runs/chain_and_mode.sql"), &[])
        .await
        .map_err(RunError::database("chain_and_mode"))?;
    let Some(row) = row else { return Ok(None) };
    let known: &str = row.get("chain");
    if known != chain.name() {
        let (schema, known, given) = (schemas.own.clone(), known.to_owned(), chain.name().to_owned());
        return Err(RunError::OtherChain { schema, known, given });
    }
    mode_of(&row).map(Some)
}

/// The column `mode` of a row of `runs`.
pub(crate) fn mode_of(row: &Row) -> Result<Mode, RunError> {
    let mode: &str = row.get("mode");
    mode.parse().map_err(|_| RunError::Unreadable { what: "runs.mode", value: mode.to_owned() })
}

/// Refuses another chain or another mode than those of the runs so far: the modes never share a schema.
pub(crate) async fn require_same_kind(
    client: &Client,
    schemas: &Schemas,
    chain: Chain,
    mode: Mode,
) -> Result<(), RunError> {
    match require_same_chain(client, schemas, chain).await? {
        Some(known) if known != mode => Err(RunError::OtherMode { schema: schemas.own.clone(), known, given: mode }),
        _ => Ok(()),
    }
}

/// The cutoff of the complete run that makes `cutoff` count as done, if there is one (Q23).
pub(crate) async fn done_by(client: &Client, cutoff: Day) -> Result<Option<Day>, RunError> {
    let row = client
        .query_opt(include_str!("../../../sql/queries/runs/next_cutoff.sql"), &[&cutoff.date()])
        .await
        .map_err(RunError::database("next_cutoff"))?;
    Ok(row
        .filter(|row| row.get::<_, &str>("status") == "complete")
        .map(|row| Day::from(row.get::<_, chrono::NaiveDate>("cutoff"))))
}

/// Refuses a request that runs of this schema, or runs at all, cannot meet.
pub(crate) async fn require_possible(client: &Client, schemas: &Schemas, request: &RunRequest) -> Result<(), RunError> {
    require_same_kind(client, schemas, request.chain, request.mode).await?;
    match (request.engine, request.mode) {
        (Engine::Sql, Mode::Strict) => Err(RunError::StrictSql),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutoffs_are_whole_dates_or_latest() {
        assert_eq!("latest".parse(), Ok(CutoffArgument::Latest));
        assert_eq!("2026-03-01".parse(), Ok(CutoffArgument::Date("2026-03-01".parse().unwrap())));
        for bad in ["2026-3-1", "2026-02-30", "20260301", "", "yesterday", "2026-03-01 "] {
            assert!(bad.parse::<CutoffArgument>().unwrap_err().contains(bad), "{bad}");
        }
    }
}
