//! The events behind the values of silver that an explanation rests on.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use reward_rules::explain::{Explanation, Ground};
use reward_rules::{Chain, Day, Dictionary};
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::report::EventReport;
use crate::RunError;

/// Looks up each ground once.
pub(super) struct Events<'a> {
    transaction: &'a Transaction<'a>,
    directory: &'static str,
    snapshot: NaiveDate,
    cutoff: NaiveDate,
    known: HashMap<Ground, Vec<EventReport>>,
}

macro_rules! statement {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../sql/queries/explain/events/", $name, ".sql")))
    };
}

impl<'a> Events<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, chain: Chain, snapshot: Day, cutoff: Day) -> Self {
        let known = HashMap::new();
        Self { transaction, directory: chain.avs_directory(), snapshot: snapshot.date(), cutoff: cutoff.date(), known }
    }

    /// Those behind an explanation, in the order of its parts or reasons, each once.
    pub(super) async fn behind(
        &mut self,
        explanation: &Explanation,
        dictionary: &Dictionary,
        earner: &str,
    ) -> Result<Vec<EventReport>, RunError> {
        let of_parts = explanation.parts.iter().flat_map(|part| part.derivation.grounds());
        let earner = dictionary.get(earner);
        let of_reasons = (explanation.reasons.iter())
            .flat_map(|(_, why)| earner.map(|earner| why.grounds(earner)).unwrap_or_default());
        let mut grounds: Vec<Ground> = Vec::new();
        for ground in of_parts.chain(of_reasons) {
            if !grounds.contains(&ground) {
                grounds.push(ground);
            }
        }
        let mut events = Vec::new();
        for ground in grounds {
            if let Some(known) = self.known.get(&ground) {
                events.extend(known.iter().cloned());
            } else {
                let found = self.read(ground, dictionary).await?;
                events.extend(found.iter().cloned());
                self.known.insert(ground, found);
            }
        }
        Ok(events)
    }

    async fn read(&self, ground: Ground, dictionary: &Dictionary) -> Result<Vec<EventReport>, RunError> {
        let text = |id| dictionary.text(id);
        let (mut texts, mut number) = (Vec::new(), None);
        let (name, statement) = match ground {
            Ground::Delegation { staker } => {
                texts.push(text(staker));
                statement!("delegation")
            }
            Ground::StakerShares { staker, strategy } => {
                texts.extend([text(staker), text(strategy)]);
                statement!("staker_shares")
            }
            Ground::OperatorShares { operator, strategy } => {
                texts.extend([text(operator), text(strategy)]);
                statement!("operator_shares")
            }
            Ground::AvsRegistration { operator, avs } => {
                texts.extend([text(operator), text(avs)]);
                statement!("avs_registration")
            }
            Ground::AnyRegistration { operator } => {
                texts.push(text(operator));
                statement!("any_registration")
            }
            Ground::SetRegistration { operator, set } => {
                texts.extend([text(operator), text(set.avs)]);
                number = Some(set.number);
                statement!("set_registration")
            }
            Ground::SetStrategy { set, strategy } => {
                texts.extend([text(strategy), text(set.avs)]);
                number = Some(set.number);
                statement!("set_strategy")
            }
            Ground::Restaked { operator, avs, strategy } => {
                texts.extend([text(operator), text(avs), text(strategy), self.directory]);
                statement!("restaked_strategy")
            }
            Ground::Allocation { operator, set, strategy } => {
                texts.extend([text(operator), text(set.avs), text(strategy)]);
                number = Some(set.number);
                statement!("allocation")
            }
            Ground::MaxMagnitude { operator, strategy } => {
                texts.extend([text(operator), text(strategy)]);
                statement!("max_magnitude")
            }
            Ground::AvsSplit { operator, avs } => {
                texts.extend([text(operator), text(avs)]);
                statement!("avs_split")
            }
            Ground::PiSplit { operator } => {
                texts.push(text(operator));
                statement!("pi_split")
            }
            Ground::SetSplit { operator, set } => {
                texts.extend([text(operator), text(set.avs)]);
                number = Some(set.number);
                statement!("set_split")
            }
            Ground::DefaultSplit => statement!("default_split"),
        };
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&self.snapshot, &self.cutoff];
        parameters.extend(texts.iter().map(|text| text as &(dyn ToSql + Sync)));
        parameters.extend(number.iter().map(|number| number as &(dyn ToSql + Sync)));
        let rows = self.transaction.query(statement, &parameters).await.map_err(RunError::database(name))?;
        let event = |row: &tokio_postgres::Row| EventReport {
            of: ground.name(),
            what: ground.words(dictionary),
            detail: row.get("detail"),
            block_number: row.get("block_number"),
            block_time: row.get::<_, Option<NaiveDateTime>>("block_time").map(|time| time.to_string()),
            transaction_hash: row.get("transaction_hash"),
            log_index: row.get("log_index"),
        };
        Ok(rows.iter().map(event).collect())
    }
}
