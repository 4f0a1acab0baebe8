//! A world to pay rewards in: who is registered, delegated and holding what, and the submissions.
//!
//! Everything has a short name; `address` makes an address of it that sorts like the name. The world is the same on
//! all days, except for registrations, which may have a first and a last day. Unless a test says otherwise it is
//! mainnet, long after all forks, and a submission pays `token` on behalf of `avs` for 2025-06-02 to 2025-06-08.

use chrono::NaiveDateTime;
use pg_numeric::{Numeric, NumericError};
use reward_rules::explain::{About, Explanation, explain};
use reward_rules::{
    ActiveWindow, ById, Chain, Day, DayState, Dictionary, GroupRows, Id, IdMap, IdSet, Mode, Moment, OdSubmission,
    Registered, Reward, RuleError, Rules, SetId, StakeSubmission, StakeType, SubmissionKind, Times, V1Submission,
    V1Type, active_window, compute_group, od_lines, od_set_lines, stake_lines, v1_lines,
};

/// The operator set that `Submission::od_set` and `Submission::stake` pay.
pub const SET: i64 = 1;

/// The name of the zero address, to which undelegated stakers are delegated (Q17).
pub const ZERO_ADDRESS: &str = "";

/// A numeric from text, for amounts no integer literal holds.
pub fn n(text: &str) -> Numeric {
    text.parse().unwrap()
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// An instant from `2025-06-01` (midnight) or `2025-06-01 12:00`.
fn instant(text: &str) -> NaiveDateTime {
    let text = if text.contains(' ') { text.to_owned() } else { format!("{text} 00:00") };
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M").unwrap()
}

/// `0x` and the letters of the name in hex, filled up with zeros.
fn padded(name: &str, digits: usize) -> String {
    let letters: String = name.bytes().map(|letter| format!("{letter:02x}")).collect();
    assert!(letters.len() <= digits, "{name} is too long");
    format!("0x{letters:0<digits$}")
}

fn address(name: &str) -> String {
    padded(name, 40)
}

/// The name behind an address.
fn name_of(address: &str) -> String {
    let digits = address.trim_start_matches("0x").as_bytes().chunks(2);
    let letters = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    letters.take_while(|&letter| letter != 0).map(char::from).collect()
}

/// `(avs, operator set, operator)` from the first day to the last.
struct Registration {
    avs: Id,
    set: Option<i64>,
    operator: Id,
    first: Day,
    last: Day,
}

/// Registrations as a run with a cutoff sees them.
struct Registrations<'a> {
    all: &'a [Registration],
    cutoff: Day,
}

impl Registrations<'_> {
    /// Those in force on a snapshot; registration snapshots end at D − 1 (spec/02).
    fn on(&self, snapshot: Day) -> impl Iterator<Item = &Registration> {
        let known = snapshot < self.cutoff;
        self.all.iter().filter(move |one| known && one.first <= snapshot && snapshot <= one.last)
    }
}

impl Registered for Registrations<'_> {
    fn is_registered(&self, avs: Id, operator_set_id: Option<i64>, operator: Id, snapshot: Day) -> bool {
        self.on(snapshot).any(|one| one.avs == avs && one.set == operator_set_id && one.operator == operator)
    }
}

/// What the rules read, and the cutoff of the run.
pub struct World {
    names: Dictionary,
    rules: Rules,
    cutoff: Day,
    registrations: Vec<Registration>,
    delegations: Vec<(Id, Id)>,
    staker_shares: Vec<(Id, (Id, Numeric))>,
    operator_shares: IdMap<(Id, Id), Numeric>,
    restaked: IdSet<(Id, Id, Id)>,
    set_strategies: IdSet<(SetId, Id)>,
    allocations: IdMap<(Id, SetId, Id), Numeric>,
    max_magnitudes: IdMap<(Id, Id), Numeric>,
    avs_splits: IdMap<(Id, Id), i32>,
    pi_splits: IdMap<Id, i32>,
    set_splits: IdMap<(Id, SetId), i32>,
    default_split: Option<i32>,
    excluded: IdSet<Id>,
}

impl World {
    pub fn mainnet() -> Self {
        Self::on(Chain::Mainnet)
    }

    pub fn on(chain: Chain) -> Self {
        Self {
            names: Dictionary::new(),
            rules: Rules::of(chain, Mode::Compatible),
            cutoff: day("2026-06-01"),
            registrations: Vec::new(),
            delegations: Vec::new(),
            staker_shares: Vec::new(),
            operator_shares: IdMap::default(),
            restaked: IdSet::default(),
            set_strategies: IdSet::default(),
            allocations: IdMap::default(),
            max_magnitudes: IdMap::default(),
            avs_splits: IdMap::default(),
            pi_splits: IdMap::default(),
            set_splits: IdMap::default(),
            default_split: None,
            excluded: IdSet::default(),
        }
    }

    pub fn strict(&mut self) {
        self.rules.mode = Mode::Strict;
    }

    pub fn cutoff(&mut self, cutoff: &str) {
        self.cutoff = day(cutoff);
    }

    pub fn id(&mut self, name: &str) -> Id {
        self.names.intern(&address(name))
    }

    /// The one submission of the world.
    pub fn hash(&mut self) -> Id {
        self.names.intern(&padded("hash", 64))
    }

    fn set_id(&mut self, number: i64) -> SetId {
        SetId { avs: self.id("avs"), number }
    }

    fn register_days(&mut self, operator: &str, avs: &str, set: Option<i64>, (first, last): (&str, &str)) {
        let (avs, operator) = (self.id(avs), self.id(operator));
        self.registrations.push(Registration { avs, set, operator, first: day(first), last: day(last) });
    }

    /// Registers an operator with `avs` on all days.
    pub fn register(&mut self, operator: &str) {
        self.register_with(operator, "avs");
    }

    pub fn register_with(&mut self, operator: &str, avs: &str) {
        self.register_days(operator, avs, None, ("2000-01-01", "2100-01-01"));
    }

    /// Registers an operator with `avs` from a day to a day.
    pub fn register_from_to(&mut self, operator: &str, first: &str, last: &str) {
        self.register_days(operator, "avs", None, (first, last));
    }

    /// Registers an operator with the set on all days.
    pub fn join_set(&mut self, operator: &str) {
        self.join_set_from_to(operator, "2000-01-01", "2100-01-01");
    }

    pub fn join_set_from_to(&mut self, operator: &str, first: &str, last: &str) {
        self.register_days(operator, "avs", Some(SET), (first, last));
    }

    /// Forgets all registrations.
    pub fn deregister_all(&mut self) {
        self.registrations.clear();
    }

    /// Registers a strategy with the set.
    pub fn set_strategy(&mut self, strategy: &str) {
        let key = (self.set_id(SET), self.id(strategy));
        self.set_strategies.insert(key);
    }

    /// The operator restakes a strategy with `avs` (`operator_avs_strategy_snapshots`).
    pub fn restake(&mut self, operator: &str, strategy: &str) {
        let key = (self.id(operator), self.id("avs"), self.id(strategy));
        self.restaked.insert(key);
    }

    pub fn delegate(&mut self, staker: &str, operator: &str) {
        let pair = (self.id(operator), self.id(staker));
        self.delegations.push(pair);
    }

    pub fn shares(&mut self, staker: &str, strategy: &str, shares: impl Into<Numeric>) {
        let holding = (self.id(staker), (self.id(strategy), shares.into()));
        self.staker_shares.push(holding);
    }

    /// A staker with an operator and shares of one strategy.
    pub fn staker(&mut self, staker: &str, operator: &str, strategy: &str, shares: impl Into<Numeric>) {
        self.delegate(staker, operator);
        self.shares(staker, strategy, shares);
    }

    pub fn operator_shares(&mut self, operator: &str, strategy: &str, shares: impl Into<Numeric>) {
        let key = (self.id(operator), self.id(strategy));
        self.operator_shares.insert(key, shares.into());
    }

    /// Allocates magnitude of a strategy to the set.
    pub fn allocate(
        &mut self,
        operator: &str,
        strategy: &str,
        magnitude: impl Into<Numeric>,
        max_magnitude: impl Into<Numeric>,
    ) {
        let key = (self.id(operator), self.set_id(SET), self.id(strategy));
        self.allocations.insert(key, magnitude.into());
        self.max_magnitudes.insert((key.0, key.2), max_magnitude.into());
    }

    pub fn avs_split(&mut self, operator: &str, bips: i32) {
        let key = (self.id(operator), self.id("avs"));
        self.avs_splits.insert(key, bips);
    }

    pub fn pi_split(&mut self, operator: &str, bips: i32) {
        let key = self.id(operator);
        self.pi_splits.insert(key, bips);
    }

    pub fn set_split(&mut self, operator: &str, bips: i32) {
        let key = (self.id(operator), self.set_id(SET));
        self.set_splits.insert(key, bips);
    }

    pub fn default_split(&mut self, bips: i32) {
        self.default_split = Some(bips);
    }

    pub fn exclude(&mut self, staker: &str) {
        let staker = self.id(staker);
        self.excluded.insert(staker);
    }

    fn registrations(&self) -> Registrations<'_> {
        Registrations { all: &self.registrations, cutoff: self.cutoff }
    }

    fn state(&self, snapshot: Day) -> DayState {
        let registrations = self.registrations();
        let today = || registrations.on(snapshot);
        let in_sets = today().filter_map(|one| Some((SetId { avs: one.avs, number: one.set? }, one.operator)));
        let with_avs = || today().filter(|one| one.set.is_none());
        DayState {
            day: snapshot,
            delegations: self.delegations.iter().copied().collect(),
            staker_shares: ById::new(self.staker_shares.clone()),
            operator_shares: self.operator_shares.clone(),
            avs_operators: with_avs().map(|one| (one.avs, one.operator)).collect(),
            restaked: self.restaked.clone(),
            set_operators: in_sets.collect(),
            set_strategies: self.set_strategies.clone(),
            allocations: self.allocations.clone(),
            max_magnitudes: self.max_magnitudes.clone(),
            avs_splits: self.avs_splits.clone(),
            pi_splits: self.pi_splits.clone(),
            set_splits: self.set_splits.clone(),
            default_split: self.default_split,
            any_avs_operators: with_avs().map(|one| one.operator).collect(),
            any_set_operators: today().filter(|one| one.set.is_some()).map(|one| one.operator).collect(),
            excluded: self.excluded.clone(),
        }
    }

    /// The lines of a submission that are active in a run with the world's cutoff. Lines behind a closed gate are
    /// absent, as `Reward` wants it.
    pub fn reward(&mut self, submission: &Submission) -> Result<Reward, NumericError> {
        let gates = self.rules.forks.gates(self.cutoff);
        let mut reward =
            Reward { reward_hash: self.hash(), v1: Vec::new(), od: Vec::new(), od_set: Vec::new(), stake: Vec::new() };
        let kind = match submission.kind {
            Kind::V1(_) => SubmissionKind::V1,
            Kind::Od(_) => SubmissionKind::Directed,
            Kind::Stake(_) => SubmissionKind::Stake,
        };
        let mode = self.rules.mode;
        let moment = Moment { watermark: submission.watermark, cutoff: self.cutoff, mode };
        let Some(window) = active_window(submission.times(), kind, moment) else { return Ok(reward) };
        match submission.kind {
            Kind::V1(reward_type) => {
                let rows = submission.v1_rows(self, reward_type, window);
                reward.v1 = v1_lines(&rows, &self.names, mode)?;
            }
            Kind::Od(None) if gates.v2 => {
                let rows = submission.od_rows(self, None, window);
                reward.od = od_lines(&rows, &self.registrations(), &self.names, mode)?;
            }
            Kind::Od(Some(set)) if gates.v2_1 => {
                let rows = submission.od_rows(self, Some(set), window);
                reward.od_set = od_set_lines(&rows, &self.registrations(), &self.names, mode)?;
            }
            Kind::Stake(reward_type) if gates.v2_2 => {
                let rows = submission.stake_rows(self, reward_type, window);
                reward.stake = stake_lines(&rows, self.cutoff, &self.names, mode)?;
            }
            Kind::Od(_) | Kind::Stake(_) => {}
        }
        Ok(reward)
    }

    /// What a submission pays on one snapshot, or why that cannot be computed.
    pub fn try_pay(&mut self, submission: &Submission, snapshot: &str) -> Result<Paid, RuleError> {
        let reward = self.reward(submission).unwrap();
        let state = self.state(day(snapshot));
        let rows = compute_group(&reward, &state, &self.rules)?;
        self.assert_explained(&reward, &state, &rows);
        Ok(Paid { rows, names: self.names.clone() })
    }

    /// Whatever a test is about: every row is explained as what it is, and everybody without one is told why (I10).
    fn assert_explained(&self, reward: &Reward, state: &DayState, rows: &GroupRows) {
        let paid: Numeric = rows.gold.iter().map(|row| &row.amount).sum();
        for earner in (0..self.names.len()).map(|id| Id(u32::try_from(id).unwrap())) {
            let about = self.about(earner);
            let explained = explain(reward, state, &self.rules, earner, &about).unwrap();
            let row = rows.gold.iter().find(|row| row.earner == earner);
            let who = self.name_of(earner);
            assert_eq!(explained.rows.first().map(|row| &row.amount), row.map(|row| &row.amount), "{who}");
            assert!(explained.rows.len() <= 1 && explained.balance.paid == paid, "{who}");
            assert_eq!(row.is_some(), !explained.parts.is_empty(), "{who}");
            for part in &explained.parts {
                assert_eq!(part.amount.is_zero(), part.zero.is_some(), "{who}: {part:?}");
                assert!(
                    !part.derivation.words(&self.names).is_empty() && !part.derivation.facts(&self.names).is_empty()
                );
            }
            let Some(row) = row else {
                let active = reward.days().is_some_and(|days| days.contains(state.day));
                assert!(!active || !explained.reasons.is_empty(), "{who} gets nothing, and nobody knows why");
                continue;
            };
            let counting: Numeric = explained.parts.iter().filter(|part| part.counts).map(|part| &part.amount).sum();
            assert_eq!(counting, row.amount, "{who}");
        }
    }

    /// The name of an id, which may be a hash.
    fn name_of(&self, id: Id) -> String {
        name_of(self.names.text(id))
    }

    fn about(&self, earner: Id) -> About {
        let zero = self.names.get(&address(ZERO_ADDRESS));
        let to = |pair: &&(Id, Id)| pair.1 == earner && Some(pair.0) != zero;
        let held = self.staker_shares.iter().filter(|(holder, _)| *holder == earner);
        let delegated = self.delegations.iter().any(|(_, staker)| *staker == earner);
        About {
            cutoff: self.cutoff,
            delegated_to: self.delegations.iter().filter(to).map(|(operator, _)| *operator).collect(),
            holdings: held.clone().map(|(_, holding)| holding.clone()).collect(),
            staker: delegated || held.clone().next().is_some(),
            operator: self.registrations.iter().any(|one| one.operator == earner)
                || self.delegations.iter().any(|(operator, _)| *operator == earner),
            avs: self.names.get(&address("avs")) == Some(earner),
        }
    }

    /// What is said to an earner about a snapshot.
    pub fn explain(&mut self, submission: &Submission, snapshot: &str, earner: &str) -> Explanation {
        let reward = self.reward(submission).unwrap();
        let earner = self.id(earner);
        explain(&reward, &self.state(day(snapshot)), &self.rules, earner, &self.about(earner)).unwrap()
    }

    /// What a submission pays on one snapshot.
    pub fn pay(&mut self, submission: &Submission, snapshot: &str) -> Paid {
        self.try_pay(submission, snapshot).unwrap()
    }

    /// One run of a submission: `2025-06-02: avs 10, op 90` for every active day with rows. As in `gold_table`, the
    /// last of these days becomes the watermark of the submission (Q1).
    pub fn run(&mut self, submission: &mut Submission) -> Vec<String> {
        let reward = self.reward(submission).unwrap();
        let mut lines = Vec::new();
        for snapshot in reward.days().into_iter().flat_map(reward_rules::ActiveDays::iter) {
            let rows = compute_group(&reward, &self.state(snapshot), &self.rules).unwrap();
            let gold = Paid { rows, names: self.names.clone() }.gold();
            if !gold.is_empty() {
                let earners: Vec<String> = gold.iter().map(|(earner, amount)| format!("{earner} {amount}")).collect();
                lines.push(format!("{snapshot}: {}", earners.join(", ")));
                submission.watermark = Some(snapshot);
            }
        }
        lines
    }

    /// The message of an error with names instead of addresses.
    pub fn describe(&self, error: &RuleError) -> String {
        let message = error.describe(&self.names);
        message
            .split(' ')
            .map(|word| match word.strip_prefix("0x") {
                Some(digits) => {
                    let rest = digits.trim_start_matches(|digit: char| digit.is_ascii_hexdigit());
                    name_of(digits.strip_suffix(rest).unwrap()) + rest
                }
                None => word.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// All rows of one (reward, day).
#[derive(Debug)]
pub struct Paid {
    pub rows: GroupRows,
    names: Dictionary,
}

impl Paid {
    /// The rows of `gold_table` as (earner, amount), ordered by earner.
    pub fn gold(&self) -> Vec<(String, String)> {
        let mut gold: Vec<_> =
            self.rows.gold.iter().map(|row| (self.name(row.earner), row.amount.to_string())).collect();
        gold.sort();
        gold
    }

    /// Checks the rows of `gold_table`, given in the order of the earners' names.
    #[track_caller]
    pub fn assert_gold(&self, expected: &[(&str, &str)]) {
        let expected: Vec<(String, String)> =
            expected.iter().map(|(earner, amount)| ((*earner).to_owned(), (*amount).to_owned())).collect();
        assert_eq!(self.gold(), expected);
    }

    /// The amount of one earner, `None` without a row.
    pub fn earned(&self, earner: &str) -> Option<String> {
        self.gold().into_iter().find(|(name, _)| name == earner).map(|(_, amount)| amount)
    }

    pub fn name(&self, id: Id) -> String {
        name_of(self.names.text(id))
    }

    pub fn names(&self) -> &Dictionary {
        &self.names
    }
}

#[derive(Clone, Copy)]
enum Kind {
    V1(V1Type),
    Od(Option<i64>),
    Stake(StakeType),
}

/// One submission, before it is flattened into a row per strategy (and operator).
#[derive(Clone)]
pub struct Submission {
    kind: Kind,
    amount: Numeric,
    operators: Vec<(String, Numeric)>,
    strategies: Vec<(String, Numeric)>,
    start: NaiveDateTime,
    end: NaiveDateTime,
    submitted: Day,
    /// The last snapshot of the hash in `gold_table`.
    pub watermark: Option<Day>,
}

impl Submission {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            amount: Numeric::from(7000),
            operators: Vec::new(),
            strategies: Vec::new(),
            start: instant("2025-06-01"),
            end: instant("2025-06-08"),
            submitted: day("2025-06-01"),
            watermark: None,
        }
    }

    /// A v1 submission of 7000 over 7 days.
    pub fn v1(reward_type: V1Type) -> Self {
        Self::new(Kind::V1(reward_type))
    }

    /// An operator-directed submission; add operators.
    pub fn od() -> Self {
        Self::new(Kind::Od(None))
    }

    /// An operator-directed submission of the set; add operators.
    pub fn od_set() -> Self {
        Self::new(Kind::Od(Some(SET)))
    }

    /// A pool of 7000 for the set over 7 days.
    pub fn stake(reward_type: StakeType) -> Self {
        Self::new(Kind::Stake(reward_type))
    }

    pub fn amount(mut self, amount: impl Into<Numeric>) -> Self {
        self.amount = amount.into();
        self
    }

    /// An operator and what is directed to it.
    pub fn operator(mut self, operator: &str, amount: impl Into<Numeric>) -> Self {
        self.operators.push((operator.to_owned(), amount.into()));
        self
    }

    pub fn strategy(mut self, strategy: &str, multiplier: impl Into<Numeric>) -> Self {
        self.strategies.push((strategy.to_owned(), multiplier.into()));
        self
    }

    pub fn period(mut self, start: &str, end: &str) -> Self {
        (self.start, self.end) = (instant(start), instant(end));
        self
    }

    /// The period whose only snapshot this is.
    pub fn one_day(self, snapshot: &str) -> Self {
        let start = day(snapshot).previous().to_string();
        self.period(&start, snapshot)
    }

    pub fn submitted(mut self, date: &str) -> Self {
        self.submitted = day(date);
        self
    }

    fn times(&self) -> Times {
        Times { start: self.start, end: self.end, duration: self.duration() }
    }

    fn duration(&self) -> i64 {
        (self.end - self.start).num_seconds()
    }

    fn v1_rows(
        &self,
        world: &mut World,
        reward_type: V1Type,
        window: ActiveWindow,
    ) -> Vec<(V1Submission, ActiveWindow)> {
        let row = |(strategy, multiplier): &(String, Numeric)| V1Submission {
            avs: world.id("avs"),
            reward_hash: world.hash(),
            token: world.id("token"),
            amount: self.amount.clone(),
            strategy: world.id(strategy),
            multiplier: multiplier.clone(),
            start_timestamp: self.start,
            end_timestamp: self.end,
            duration: self.duration(),
            reward_type,
            submission_date: self.submitted,
        };
        self.strategies.iter().map(row).map(|row| (row, window)).collect()
    }

    fn od_rows(&self, world: &mut World, set: Option<i64>, window: ActiveWindow) -> Vec<(OdSubmission, ActiveWindow)> {
        let mut rows = Vec::new();
        for (operator, amount) in &self.operators {
            for (strategy, multiplier) in &self.strategies {
                let row = OdSubmission {
                    avs: world.id("avs"),
                    operator_set_id: set,
                    reward_hash: world.hash(),
                    token: world.id("token"),
                    operator: world.id(operator),
                    amount: amount.clone(),
                    strategy: world.id(strategy),
                    multiplier: multiplier.clone(),
                    start_timestamp: self.start,
                    end_timestamp: self.end,
                    duration: self.duration(),
                    submission_date: self.submitted,
                };
                rows.push((row, window));
            }
        }
        rows
    }

    fn stake_rows(
        &self,
        world: &mut World,
        reward_type: StakeType,
        window: ActiveWindow,
    ) -> Vec<(StakeSubmission, ActiveWindow)> {
        let row = |(index, (strategy, multiplier)): (i32, &(String, Numeric))| StakeSubmission {
            set: world.set_id(SET),
            reward_hash: world.hash(),
            token: world.id("token"),
            amount: self.amount.clone(),
            strategy: world.id(strategy),
            strategy_index: index,
            multiplier: multiplier.clone(),
            start_timestamp: self.start,
            end_timestamp: self.end,
            duration: self.duration(),
            reward_type,
            submission_date: self.submitted,
        };
        (0..).zip(&self.strategies).map(row).map(|row| (row, window)).collect()
    }
}
