//! What the rules did for one submission on one day, from the rows of its steps.

use std::collections::{HashMap, HashSet};

use pg_numeric::Numeric;
use reward_rules::{Day, Fork, ForkDates, GroupRows, Id, V1Type};

use super::account::{Allotment, DayOutcome, How, Paid};
use super::report::Quirk;

/// Why an earner gets something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Staker,
    Operator,
    Refund,
}

/// The tuples that step 22 takes from the steps, without those it drops (spec/03 §22): `(step, earner, kind, amount)`.
fn tuples(rows: &GroupRows) -> Vec<(Id, Kind, &Numeric)> {
    let mut tuples = Vec::with_capacity(rows.gold.len());
    let mut seen = HashSet::new();
    macro_rules! take {
        ($($field:ident, $earner:ident, $kind:ident, $amount:ident;)*) => {$(
            seen.clear();
            for row in &rows.$field {
                if seen.insert((row.$earner, row.token, &row.$amount)) {
                    tuples.push((row.$earner, Kind::$kind, &row.$amount));
                }
            }
        )*};
    }
    take! {
        staker_rewards, staker, Staker, staker_tokens;
        operator_rewards, operator, Operator, operator_tokens;
        rewards_for_all, staker, Staker, staker_tokens;
        rfae_stakers, staker, Staker, staker_tokens;
        rfae_operators, operator, Operator, operator_tokens;
        operator_od, operator, Operator, operator_tokens;
        staker_od, staker, Staker, staker_tokens;
        avs_od, avs, Refund, avs_tokens;
        operator_od_set, operator, Operator, operator_tokens;
        staker_od_set, staker, Staker, staker_tokens;
        avs_od_set, avs, Refund, avs_tokens;
        operator_unique, operator, Operator, operator_tokens;
        staker_unique, staker, Staker, staker_tokens;
        avs_unique, avs, Refund, avs_tokens;
        operator_total, operator, Operator, operator_tokens;
        staker_total, staker, Staker, staker_tokens;
        avs_total, avs, Refund, avs_tokens;
    }
    tuples
}

impl Paid {
    pub(super) fn pay(&mut self, kind: Kind, amount: &Numeric) {
        match kind {
            Kind::Staker => self.stakers += amount,
            Kind::Operator => self.operators += amount,
            Kind::Refund => self.refunded += amount,
        }
    }
}

/// What one earner gets on a day, and for how many reasons.
#[derive(Clone, Debug, Default)]
pub(super) struct Earned {
    pub(super) paid: Paid,
    pub(super) kinds: Vec<Kind>,
}

/// What every earner gets.
pub(super) fn earned(rows: &GroupRows) -> HashMap<Id, Earned> {
    let mut earned: HashMap<Id, Earned> = HashMap::new();
    for (earner, kind, amount) in tuples(rows) {
        let of_earner = earned.entry(earner).or_default();
        of_earner.paid.pay(kind, amount);
        if !of_earner.kinds.contains(&kind) {
            of_earner.kinds.push(kind);
        }
    }
    earned
}

/// What happened on a day with these rows. `amount` and `days` are those of a v1 submission; its rows do not have them.
pub(super) fn outcome(day: Day, forks: &ForkDates, rows: &GroupRows, amount: &Numeric, days: u32) -> DayOutcome {
    let mut outcome = DayOutcome { allotments: Vec::new(), paid: Paid::default(), rows: rows.gold.len() as u64 };
    for (_, kind, amount) in tuples(rows) {
        outcome.paid.pay(kind, amount);
    }
    v1(&mut outcome, day, forks, rows, amount, days);
    stake(&mut outcome, rows);
    directed(&mut outcome, rows);
    directed_to_sets(&mut outcome, rows);
    outcome
}

fn v1(outcome: &mut DayOutcome, day: Day, forks: &ForkDates, rows: &GroupRows, amount: &Numeric, days: u32) {
    let Some(first) = rows.active.first() else { return };
    let pool = &first.tokens_per_day_decimal;
    let nobody = rows.staker_rewards.is_empty() && rows.rewards_for_all.is_empty() && rows.rfae_stakers.is_empty();
    let in_floats = match first.reward_type {
        V1Type::Avs => forks.pre(Fork::Nile, day, first.reward_submission_date),
        V1Type::AllStakers => true,
        V1Type::AllEarners => false,
    };
    outcome.allotments.push(Allotment {
        operator: None,
        amount: amount.clone(),
        days,
        per_day: pool.clone(),
        how: How::Pool,
        tokens: pool.clone(),
        given: outcome.paid.total(),
        nobodys: if nobody { pool.clone() } else { Numeric::ZERO },
        rounding: if in_floats { Quirk::Q7 } else { Quirk::Q6 },
    });
}

/// Pools are refunded whole, or operators get their parts (Q22); a part without stakers is nobody's.
fn stake(outcome: &mut DayOutcome, rows: &GroupRows) {
    let Some(first) = rows.active_stake.first() else { return };
    let pool = &first.tokens_per_day_decimal;
    let refunded = !(rows.avs_unique.is_empty() && rows.avs_total.is_empty());
    let mut nobodys = Numeric::ZERO;
    macro_rules! without_stakers {
        ($operators:ident, $stakers:ident) => {
            let with: HashSet<Id> = (rows.$stakers.iter())
                .filter(|row| row.total_operator_weight.is_positive())
                .map(|row| row.operator)
                .collect();
            for row in rows.$operators.iter().filter(|row| !refunded && !with.contains(&row.operator)) {
                nobodys += &(&row.tokens_per_registered_snapshot_decimal - &row.operator_tokens);
            }
        };
    }
    without_stakers!(operator_unique, staker_unique);
    without_stakers!(operator_total, staker_total);
    outcome.allotments.push(Allotment {
        operator: None,
        amount: first.amount.round_half_away(),
        days: whole_days(first.duration),
        per_day: pool.clone(),
        how: How::Pool,
        tokens: pool.clone(),
        given: outcome.paid.total(),
        nobodys,
        rounding: Quirk::Q6,
    });
}

/// Steps 7 to 10 and 11 to 14 have the same columns.
macro_rules! operator_directed {
    ($name:ident, $active:ident, $operators:ident, $stakers:ident, $refunds:ident) => {
        fn $name(outcome: &mut DayOutcome, rows: &GroupRows) {
            let mut pots = HashMap::new();
            let mut refundable = Numeric::ZERO;
            for row in &rows.$active {
                if pots.contains_key(&row.operator) {
                    continue;
                }
                pots.insert(row.operator, row);
                if row.num_registered_snapshots == 0 {
                    let tokens = row.tokens_per_registered_snapshot_decimal.clone();
                    refundable += &tokens;
                    outcome.allotments.push(Allotment {
                        operator: Some(row.operator),
                        amount: row.amount_decimal.clone(),
                        days: whole_days(row.duration),
                        per_day: tokens.clone(),
                        how: How::Refund,
                        tokens: tokens.clone(),
                        given: tokens,
                        nobodys: Numeric::ZERO,
                        rounding: Quirk::Q6,
                    });
                }
            }
            // Of an operator that has registered days, only the stakers' part is ever refunded (step 14 B).
            let refunded: HashSet<Id> = (rows.$refunds.iter().map(|row| row.operator))
                .filter(|operator| pots.get(operator).is_some_and(|row| row.num_registered_snapshots != 0))
                .collect();
            for row in rows.$operators.iter().filter(|row| refunded.contains(&row.operator)) {
                refundable += &(&row.tokens_per_registered_snapshot_decimal - &row.operator_tokens);
            }
            // Two refunds of one value become one (Q10): then the stakers' parts are nobody's.
            let collapsed = refundable != outcome.paid.refunded;
            let mut to_stakers: HashMap<Id, Numeric> = HashMap::new();
            for row in &rows.$stakers {
                *to_stakers.entry(row.operator).or_default() += &row.staker_tokens;
            }
            for row in &rows.$operators {
                let Some(pot) = pots.get(&row.operator) else { continue };
                let rest = &row.tokens_per_registered_snapshot_decimal - &row.operator_tokens;
                let (mut given, mut nobodys, mut rounding) = (row.operator_tokens.clone(), Numeric::ZERO, Quirk::Q6);
                match to_stakers.get(&row.operator) {
                    Some(tokens) => given += tokens,
                    None if refunded.contains(&row.operator) && !collapsed => given += &rest,
                    None if rest.is_negative() => rounding = Quirk::Q15,
                    None => nobodys = rest,
                }
                outcome.allotments.push(Allotment {
                    operator: Some(row.operator),
                    amount: pot.amount_decimal.clone(),
                    days: whole_days(pot.duration),
                    per_day: Numeric::ZERO,
                    how: How::Spread,
                    tokens: row.tokens_per_registered_snapshot_decimal.clone(),
                    given,
                    nobodys,
                    rounding,
                });
            }
        }
    };
}

operator_directed!(directed, active_od, operator_od, staker_od, avs_od);
operator_directed!(directed_to_sets, active_od_set, operator_od_set, staker_od_set, avs_od_set);

/// The days of a duration in seconds.
pub(super) fn whole_days(seconds: i64) -> u32 {
    u32::try_from(seconds / 86_400).unwrap_or(0)
}
