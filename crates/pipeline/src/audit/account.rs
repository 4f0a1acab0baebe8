//! The books of one submission: what was put in, and where it went. Pure.
//!
//! A submission's money lies in pots: one for all its days, or one per operator it is directed to. Each settled day *allots* a
//! part of a pot by the rules; what is allotted on a day is paid, left with nobody, or lost to rounding. So
//!
//! > funded + overpaid = stakers + operators + refunded + unattributed + dust + undistributed + remaining − difference
//!
//! The paid columns are what is stored, all others follow from the rules: the difference is what was stored beyond what the
//! rules pay, day by day, and zero in sound books.

use std::collections::BTreeMap;

use pg_numeric::Numeric;
use reward_rules::{Day, Id};

use super::report::{Columns, Quirk};

/// What earners got, by why they got it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Paid {
    pub(super) stakers: Numeric,
    pub(super) operators: Numeric,
    pub(super) refunded: Numeric,
}

impl Paid {
    pub(super) fn total(&self) -> Numeric {
        &(&self.stakers + &self.operators) + &self.refunded
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.stakers += &other.stakers;
        self.operators += &other.operators;
        self.refunded += &other.refunded;
    }
}

/// How the rules come to what they allot on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The pool of a day (steps 1 and 15).
    Pool,
    /// The pot of an operator that is registered on no day of the window, by the days of the duration (steps 10 and 14).
    Refund,
    /// The pot of an operator, by its registered days in the window (steps 7 and 11; Q3).
    Spread,
}

/// What is allotted from one pot on one day.
#[derive(Clone, Debug)]
pub(super) struct Allotment {
    /// The operator whose pot it is; `None` for the pot of all.
    pub(super) operator: Option<Id>,
    /// What was put into the pot.
    pub(super) amount: Numeric,
    /// The days of the duration.
    pub(super) days: u32,
    /// What the rules give for one of them.
    pub(super) per_day: Numeric,
    pub(super) how: How,
    pub(super) tokens: Numeric,
    /// Of it, what somebody got.
    pub(super) given: Numeric,
    /// Of it, what there was nobody for.
    pub(super) nobodys: Numeric,
    /// Why more can be given than is allotted.
    pub(super) rounding: Quirk,
}

/// What the rules did on one day.
#[derive(Clone, Debug)]
pub(super) struct DayOutcome {
    pub(super) allotments: Vec<Allotment>,
    pub(super) paid: Paid,
    /// Rows in gold.
    pub(super) rows: u64,
}

/// A part of a submission's money.
#[derive(Clone, Debug)]
struct Pot {
    amount: Numeric,
    days: u32,
    per_day: Numeric,
    allotted: Numeric,
    allotted_days: u32,
    /// The first run that allotted something.
    first_run: Option<usize>,
    /// Whether a run has spread it over registered days: then the rules owe nothing more.
    spread: bool,
}

impl Pot {
    /// Takes out what a day allots; returns what was not there any more, and why it was paid nevertheless.
    fn allot(&mut self, run: usize, allotment: &Allotment) -> Option<(Numeric, Quirk)> {
        let excess = |allotted: &Numeric| {
            let excess = allotted - &self.amount;
            if excess.is_positive() { excess } else { Numeric::ZERO }
        };
        let before = excess(&self.allotted);
        let allotted = &self.allotted + &allotment.tokens;
        let more = &excess(&allotted) - &before;
        self.allotted = allotted;
        self.allotted_days += 1;
        let of_earlier_run = self.first_run.is_some_and(|first| first != run);
        self.first_run.get_or_insert(run);
        let spread_before = self.spread;
        self.spread |= allotment.how == How::Spread;
        let quirk = match allotment.how {
            How::Refund if spread_before => Quirk::Q2,
            How::Spread if of_earlier_run => Quirk::Q3,
            How::Pool | How::Refund if self.allotted_days > self.days => Quirk::Q4,
            How::Pool | How::Refund | How::Spread => Quirk::Q6,
        };
        more.is_positive().then_some((more, quirk))
    }

    /// Where what is left belongs: dust, undistributed, remaining. `existing` is how many days the submission has.
    fn left(&self, existing: u32) -> [Numeric; 3] {
        let left = &self.amount - &self.allotted;
        let none = || Numeric::ZERO;
        if !left.is_positive() {
            return [none(), none(), none()];
        }
        if self.spread {
            return [left, none(), none()];
        }
        let times = |days: u32| &Numeric::from(i64::from(days)) * &self.per_day;
        let existing = existing.min(self.days);
        let remaining = times(existing - self.allotted_days.min(existing)).min(left.clone());
        let left = &left - &remaining;
        let undistributed = times(self.days - existing).min(left.clone());
        [&left - &undistributed, undistributed, remaining]
    }
}

/// More was paid than there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Overpaid {
    pub(super) day: Day,
    pub(super) quirk: Quirk,
    pub(super) amount: Numeric,
}

/// The books of one submission.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pots: BTreeMap<Option<Id>, Pot>,
    /// By why, as stored.
    pub(super) paid: Paid,
    /// Stored, of nobody the rules know.
    pub(super) unattributed: Numeric,
    dust: Numeric,
    undistributed: Numeric,
    pub(super) overpaid: Vec<Overpaid>,
    /// Stored less what the rules pay.
    pub(super) difference: Numeric,
    pub(super) settled_days: u32,
    /// Days on which what is lost is too much to be lost by rounding, with what it is.
    pub(super) doubtful: Vec<(Day, Numeric)>,
}

impl Account {
    /// Enters what the rules did on the next day. Days come in order.
    pub(super) fn settle(&mut self, day: Day, run: usize, outcome: &DayOutcome) {
        self.settled_days += 1;
        let mut lost_that_day = Numeric::ZERO;
        for allotment in &outcome.allotments {
            let pot = self.pots.entry(allotment.operator).or_insert_with(|| Pot {
                amount: allotment.amount.clone(),
                days: allotment.days,
                per_day: allotment.per_day.clone(),
                allotted: Numeric::ZERO,
                allotted_days: 0,
                first_run: None,
                spread: false,
            });
            let beyond = pot.allot(run, allotment);
            let mut nobodys = allotment.nobodys.clone();
            let mut lost = &allotment.tokens - &(&allotment.given + &nobodys);
            if lost.is_negative() {
                self.overpay(day, allotment.rounding, -lost);
                lost = Numeric::ZERO;
            }
            lost_that_day += &lost;
            // What was not in the pot cannot be lost or nobody's: only what is given beyond the pot is overpaid.
            if let Some((mut beyond, quirk)) = beyond {
                for part in [&mut lost, &mut nobodys] {
                    let spared = beyond.clone().min(part.clone());
                    *part = &*part - &spared;
                    beyond = &beyond - &spared;
                }
                if beyond.is_positive() {
                    self.overpay(day, quirk, beyond);
                }
            }
            self.dust += &lost;
            self.undistributed += &nobodys;
        }
        let allotted: Numeric = outcome.allotments.iter().map(|allotment| &allotment.tokens).sum();
        if lost_that_day > most_dust(outcome.rows, &allotted) {
            self.doubtful.push((day, lost_that_day));
        }
    }

    /// Days of a quirk are entered once per day.
    fn overpay(&mut self, day: Day, quirk: Quirk, amount: Numeric) {
        match self.overpaid.iter_mut().rev().take_while(|known| known.day == day).find(|known| known.quirk == quirk) {
            Some(known) => known.amount += &amount,
            None => self.overpaid.push(Overpaid { day, quirk, amount }),
        }
    }

    /// The columns, for a submission with so much in it and so many days.
    pub(super) fn columns(&self, funded: &Numeric, existing_days: u32) -> Columns {
        let mut columns = Columns {
            funded: funded.clone(),
            stakers: self.paid.stakers.clone(),
            operators: self.paid.operators.clone(),
            refunded: self.paid.refunded.clone(),
            unattributed: self.unattributed.clone(),
            dust: self.dust.clone(),
            undistributed: self.undistributed.clone(),
            remaining: Numeric::ZERO,
            overpaid: self.overpaid.iter().map(|overpaid| &overpaid.amount).sum(),
            difference: self.difference.clone(),
        };
        let mut in_pots = Numeric::ZERO;
        for pot in self.pots.values() {
            let [dust, undistributed, remaining] = pot.left(existing_days);
            columns.dust += &dust;
            columns.undistributed += &undistributed;
            columns.remaining += &remaining;
            in_pots += &pot.amount;
        }
        // What no rule ever looks at: an operator named a second time.
        let beside = funded - &in_pots;
        if self.pots.is_empty() {
            columns.remaining += &beside;
        } else {
            columns.undistributed += &beside;
        }
        columns
    }
}

/// The most that rounding takes from a day's part of the pots. Per row: one unit by a floor and one by the split, and 1e-15 of
/// it by a proportion cut to 15 decimals; floats lose less than ten times that (Q7).
fn most_dust(rows: u64, allotted: &Numeric) -> Numeric {
    let rows = Numeric::from(i64::try_from(rows).unwrap_or(i64::MAX)) + Numeric::from(1_i64);
    let each = Numeric::from(2_i64) + allotted * &Numeric::from_parts(1, 14);
    &rows * &each
}

#[cfg(test)]
mod tests;
