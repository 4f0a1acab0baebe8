//! What is known of an earner on the day, beside the state of the rules, which has only those that may earn.

use pg_numeric::Numeric;
use reward_rules::explain::About;
use reward_rules::{Day, Id};
use tokio_postgres::Transaction;

use super::recompute::Recomputed;
use crate::{RunError, Schemas, Source};

/// An earner.
pub(super) struct Earner {
    pub(super) id: Id,
    pub(super) about: About,
}

/// Reads delegation and shares on the day as the run saw them, and as what the address is known at all.
pub(super) async fn read(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    recomputed: &mut Recomputed,
    snapshot: Day,
    earner: &str,
) -> Result<Earner, RunError> {
    let database = RunError::database;
    let (cutoff, source) = (recomputed.run.cutoff, recomputed.run.source);
    let strategies = recomputed.strategies();
    let known = transaction
        .query_one(include_str!("../../../../sql/queries/explain/known.sql"), &[&earner, &cutoff.date()])
        .await
        .map_err(database("explain/known"))?;
    let mut knowns = vec![known];
    // The indexer's daily tables have the names of paydirt's views. The events they were made of may not be there.
    if source == Source::Snapshots {
        schemas.source_first(transaction).await.map_err(database("set_search_path"))?;
        let statement = include_str!("../../../../sql/queries/explain/known_daily.sql");
        let known = transaction.query_one(statement, &[&earner, &cutoff.date()]).await;
        knowns.push(known.map_err(database("explain/known_daily"))?);
    }
    let delegated_to = transaction
        .query(include_str!("../../../../sql/queries/explain/delegated_to.sql"), &[&earner, &snapshot.date()])
        .await
        .map_err(database("explain/delegated_to"))?;
    let holdings = transaction
        .query(include_str!("../../../../sql/queries/explain/holdings.sql"), &[&earner, &snapshot.date(), &strategies])
        .await
        .map_err(database("explain/holdings"))?;
    if source == Source::Snapshots {
        schemas.own_first(transaction).await.map_err(database("set_search_path"))?;
    }
    let is_known = |role: &str| knowns.iter().any(|known| known.get(role));
    let mut about = About {
        cutoff,
        delegated_to: Vec::new(),
        holdings: Vec::new(),
        staker: is_known("staker"),
        operator: is_known("operator"),
        avs: is_known("avs"),
    };
    // Delegations are known up to the day before the cutoff, shares up to the cutoff (spec/02 §7).
    if snapshot < cutoff {
        about.delegated_to = delegated_to.iter().map(|row| recomputed.sweep.intern(row.get("operator"))).collect();
    }
    if snapshot <= cutoff {
        for row in &holdings {
            let (strategy, shares): (&str, &str) = (row.get("strategy"), row.get("shares"));
            let shares: Numeric =
                shares.parse().map_err(|_| RunError::Unreadable { what: "shares", value: shares.to_owned() })?;
            about.holdings.push((recomputed.sweep.intern(strategy), shares));
        }
    }
    Ok(Earner { id: recomputed.sweep.intern(earner), about })
}
