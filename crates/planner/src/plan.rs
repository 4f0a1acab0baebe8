//! From facts to a plan.

use std::collections::BTreeMap;

use reward_rules::{
    ActiveDays, ActiveWindow, Chain, Day, Dictionary, ForkDates, Gates, Id, Mode, Moment, Needs, OdSubmission,
    StakeSubmission, SubmissionKind, V1Submission, active_window,
};

use crate::Facts;

/// One `reward_hash` with its active rows.
#[derive(Debug, Clone)]
pub struct PlannedReward {
    /// The submission.
    pub reward_hash: Id,
    /// Its watermark before the run.
    pub watermark: Option<Day>,
    /// First and last snapshot of any row.
    pub days: ActiveDays,
    /// Active v1 rows (steps 1–6).
    pub v1: Vec<(V1Submission, ActiveWindow)>,
    /// Active operator-directed rows (steps 7–10).
    pub od: Vec<(OdSubmission, ActiveWindow)>,
    /// Active operator-directed rows of operator sets (steps 11–14).
    pub od_set: Vec<(OdSubmission, ActiveWindow)>,
    /// Active v2.2 rows (steps 15–21).
    pub stake: Vec<(StakeSubmission, ActiveWindow)>,
}

/// What a run computes. Immutable once made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// Compatible or strict.
    pub mode: Mode,
    /// D.
    pub cutoff: Day,
    /// The groups of steps in force.
    pub gates: Gates,
    /// The active rewards, by hash text.
    pub rewards: Vec<PlannedReward>,
    /// What has to be read.
    pub needs: Needs,
    /// Submissions known at D, active or not.
    pub known_submissions: usize,
    /// Submissions left out because the gate of their kind is closed at D.
    pub gated_off: usize,
}

impl Plan {
    /// The number of (reward, day) units of work.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.rewards.iter().map(|reward| u64::from(reward.days.len())).sum()
    }
}

/// The rows of one hash while they are being collected.
#[derive(Default)]
struct Rows {
    v1: Vec<(V1Submission, ActiveWindow)>,
    od: Vec<(OdSubmission, ActiveWindow)>,
    od_set: Vec<(OdSubmission, ActiveWindow)>,
    stake: Vec<(StakeSubmission, ActiveWindow)>,
}

impl Rows {
    fn days(&self) -> Option<ActiveDays> {
        let windows = || {
            (self.v1.iter().map(|(_, window)| window.days))
                .chain(self.od.iter().chain(&self.od_set).map(|(_, window)| window.days))
                .chain(self.stake.iter().map(|(_, window)| window.days))
        };
        Some(ActiveDays {
            first: windows().map(|days| days.first).min()?,
            last: windows().map(|days| days.last).max()?,
        })
    }
}

/// Makes the plan of a run (spec/03 §0, spec/00 §3).
///
/// 1. Submissions of days from D on are not known yet; kinds whose gate is closed at D are left out.
/// 2. Each row gets its window from the watermark of its hash, its own times and the rules of its kind (Q1, Q4, Q5).
/// 3. Rows without an active day are left out, and so are hashes without rows.
#[must_use]
pub fn plan(facts: &Facts<'_>, dictionary: &Dictionary) -> Plan {
    let gates = ForkDates::of(facts.chain).gates(facts.cutoff);
    let mut hashes: BTreeMap<&str, (Id, Rows)> = BTreeMap::new();
    let mut known = std::collections::HashSet::new();
    let mut closed = std::collections::HashSet::new();
    macro_rules! collect {
        ($kind:ident, $open:expr, $windows:ident) => {
            for row in facts.$kind.iter().filter(|row| row.submission_date < facts.cutoff) {
                known.insert(row.reward_hash);
                let watermark = facts.watermarks.get(&row.reward_hash).copied();
                let moment = Moment { watermark, cutoff: facts.cutoff, mode: facts.mode };
                if !$open {
                    closed.insert(row.reward_hash);
                } else if let Some(window) = active_window(row.times(), SubmissionKind::$windows, moment) {
                    let entry = hashes.entry(dictionary.text(row.reward_hash));
                    let (_, rows) = entry.or_insert_with(|| (row.reward_hash, Rows::default()));
                    rows.$kind.push((row.clone(), window));
                }
            }
        };
    }
    collect!(v1, true, V1);
    collect!(od, gates.v2, Directed);
    collect!(od_set, gates.v2_1, Directed);
    collect!(stake, gates.v2_2, Stake);

    let rewards: Vec<PlannedReward> = hashes
        .into_values()
        .filter_map(|(reward_hash, rows)| {
            let days = rows.days()?;
            let Rows { v1, od, od_set, stake } = rows;
            let watermark = facts.watermarks.get(&reward_hash).copied();
            Some(PlannedReward { reward_hash, watermark, days, v1, od, od_set, stake })
        })
        .collect();
    Plan {
        chain: facts.chain,
        mode: facts.mode,
        cutoff: facts.cutoff,
        gates,
        needs: needs(&rewards),
        rewards,
        known_submissions: known.len() + facts.finished,
        gated_off: closed.len(),
    }
}

/// What the active rows read.
fn needs(rewards: &[PlannedReward]) -> Needs {
    let mut needs = Needs::default();
    for reward in rewards {
        reward.v1.iter().for_each(|(row, window)| needs.add_v1(row, window));
        reward.od.iter().chain(&reward.od_set).for_each(|(row, window)| needs.add_od(row, window));
        reward.stake.iter().for_each(|(row, window)| needs.add_stake(row, window));
    }
    needs
}
