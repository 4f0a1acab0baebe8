//! From a plan and its state to gold rows: day by day, the rewards of a day in parallel. Rows are encoded and sent by a thread of
//! their own, so that the next ones are computed while the server takes the last.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use batch_writer::{GoldIds, PIECE_ROWS, encode_gold};
use bytes::Bytes;
use delta_extractor::{ExtractError, State, TextHashes};
use memory_budget::{Budget, OutOfMemory, Part, Reservation};
use rayon::prelude::*;
use reward_rules::{
    ActiveDays, Day, DayState, Dictionary, GoldRow, GroupRows, Id, Reward, Rules, Step, compute_gold, compute_group,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::gold_digest::GoldDigest;
use crate::roots::UnitSums;
use crate::{Paid, RunError};

/// The rows of one step of a run as text, for comparing with what is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTable {
    /// Column names.
    pub columns: Vec<&'static str>,
    /// Rows, in the order they were computed.
    pub rows: Vec<Vec<String>>,
}

impl StepTable {
    /// Adds the rows of another day.
    pub(crate) fn extend(&mut self, other: Self) {
        self.columns = other.columns;
        self.rows.extend(other.rows);
    }
}

/// Everything the computing threads need for some days, immutable.
pub(crate) struct Work {
    pub(crate) rewards: Arc<Vec<Reward>>,
    pub(crate) state: Arc<State>,
    pub(crate) rules: Rules,
    pub(crate) dictionary: Arc<Dictionary>,
    /// Of everybody who may earn.
    pub(crate) ids: Arc<GoldIds>,
    /// Of all texts of the dictionary.
    pub(crate) hashes: Arc<TextHashes>,
    pub(crate) cutoff: Day,
    pub(crate) days: ActiveDays,
    pub(crate) run_id: i32,
    pub(crate) collect_steps: bool,
    /// Memory for adding the rows up, if that is wanted.
    pub(crate) add_up: Option<Part>,
    pub(crate) budget: Budget,
}

/// What computing gives, in this order: rows of a day in pieces, then the day.
pub(crate) enum Computed {
    /// Rows as they are sent to the server.
    Rows {
        encoded: Bytes,
        rows: u64,
        /// Given back when they have been sent.
        _memory: Reservation,
    },
    /// All rows of a day have come.
    Day(ComputedDay),
    /// All days have; not sent if memory did not suffice for it.
    Sums(UnitSums),
}

/// A day is computed.
pub(crate) struct ComputedDay {
    pub(crate) day: Day,
    /// Its rewards.
    pub(crate) units: u64,
    /// Its rows.
    pub(crate) digest: GoldDigest,
    /// Gold rows per reward, for windows and watermarks.
    pub(crate) rows_of: Vec<(Id, u64)>,
    /// What was paid per token.
    pub(crate) paid_of: HashMap<Id, Paid>,
    /// The rows of every step, if asked for.
    pub(crate) steps: BTreeMap<Step, StepTable>,
}

/// How many rewards per thread are computed before their rows are sent.
const REWARDS_PER_THREAD: usize = 2;

/// Whoever computes is told to go on, or that nobody listens any more.
type Sent = Result<(), Stopped>;

enum Stopped {
    /// The receiver gave up.
    Unheard,
    Failed(RunError),
}

impl From<RunError> for Stopped {
    fn from(error: RunError) -> Self {
        Self::Failed(error)
    }
}

/// What goes from computing to sending.
enum Piece {
    Rows(Vec<Group>),
    Day(ComputedDay),
}

/// Computes on a thread of its own; at most one piece waits to be received. The handle is for waiting until it has ended.
pub(crate) fn start(work: Work) -> (mpsc::Receiver<Result<Computed, RunError>>, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel(1);
    (receiver, tokio::task::spawn_blocking(move || compute(&work, &sender)))
}

/// Computes every day with work in order and sends it; at most one piece waits for the receiver. While the rows of a few rewards
/// are encoded and sent, those of the next few are computed.
///
/// Blocks; runs on a thread of its own.
fn compute(work: &Work, computed: &mpsc::Sender<Result<Computed, RunError>>) {
    std::thread::scope(|scope| {
        let (pieces, received) = sync_channel(0);
        scope.spawn(move || {
            // Whether somebody hears of an error or not, it is the end.
            if let Err(Stopped::Failed(error)) = send(work, &received, computed) {
                let _ = computed.blocking_send(Err(error));
            }
        });
        if let Err(Stopped::Failed(error)) = compute_days(work, &pieces) {
            let _ = pieces.send(Err(error));
        }
    });
}

/// Encodes and sends, until there is nothing more or somebody gives up.
fn send(
    work: &Work,
    pieces: &Receiver<Result<Piece, RunError>>,
    computed: &mpsc::Sender<Result<Computed, RunError>>,
) -> Sent {
    let send = |piece| computed.blocking_send(Ok(piece)).map_err(|_| Stopped::Unheard);
    // Rewards with few rows go together.
    let (mut gold, mut memories) = (Vec::new(), Vec::new());
    let mut sums = work.add_up.as_ref().map(|memory| UnitSums::new(work.cutoff, memory));
    let mut send_rows = |gold: &[GoldRow]| {
        send_rows(work, gold, &send)?;
        // The server is busy with the last of them.
        if let Some(Err(error)) = sums.as_mut().map(|sums| sums.add(gold, &work.ids)) {
            tracing::debug!(%error, "rows are not added up");
            sums = None;
        }
        Sent::Ok(())
    };
    for piece in pieces {
        let done = match piece? {
            Piece::Rows(groups) => {
                for group in groups {
                    if group.gold.len() >= PIECE_ROWS {
                        send_rows(&group.gold)?;
                    } else {
                        gold.extend(group.gold);
                        memories.push(group.memory);
                    }
                }
                None
            }
            Piece::Day(day) => Some(day),
        };
        if done.is_some() || gold.len() >= PIECE_ROWS {
            send_rows(&gold)?;
            gold.clear();
            memories.clear();
        }
        if let Some(day) = done {
            send(Computed::Day(day))?;
        }
    }
    sums.map_or(Ok(()), |sums| send(Computed::Sums(sums)))
}

fn compute_days(work: &Work, pieces: &SyncSender<Result<Piece, RunError>>) -> Sent {
    let mut by_day: BTreeMap<Day, Vec<&Reward>> = BTreeMap::new();
    for reward in work.rewards.iter() {
        let days = reward.days().into_iter().flat_map(ActiveDays::iter);
        for day in days.filter(|day| (work.days.first..=work.days.last).contains(day)) {
            by_day.entry(day).or_default().push(reward);
        }
    }
    let send = |piece| pieces.send(Ok(piece)).map_err(|_| Stopped::Unheard);
    by_day.into_iter().try_for_each(|(day, rewards)| compute_day(work, day, &rewards, &send))
}

fn compute_day(work: &Work, day: Day, rewards: &[&Reward], send: &impl Fn(Piece) -> Sent) -> Sent {
    let state = work.state.day(day, work.cutoff, &work.budget).map_err(|source| match source {
        ExtractError::Memory(source) => work.out_of_memory(source),
        source => RunError::Extract { cutoff: work.cutoff, source },
    })?;
    let mut done = ComputedDay {
        day,
        units: rewards.len() as u64,
        digest: GoldDigest::default(),
        rows_of: Vec::with_capacity(rewards.len()),
        paid_of: HashMap::new(),
        steps: BTreeMap::new(),
    };
    for some in rewards.chunks(REWARDS_PER_THREAD * rayon::current_num_threads()) {
        let mut groups: Vec<Group> =
            some.par_iter().map(|reward| compute_reward(work, &state, reward)).collect::<Result<_, RunError>>()?;
        for group in &mut groups {
            done.rows_of.push((group.reward_hash, group.gold.len() as u64));
            done.digest.add(group.digest);
            for (step, table) in std::mem::take(&mut group.steps) {
                done.steps.entry(step).or_default().extend(table);
            }
            for of_token in group.gold.chunk_by(|one, next| one.token == next.token) {
                let paid = done.paid_of.entry(of_token[0].token).or_default();
                paid.rows += of_token.len() as u64;
                of_token.iter().for_each(|row| paid.amount += &row.amount);
            }
        }
        send(Piece::Rows(groups))?;
    }
    send(Piece::Day(done))
}

/// Encodes rows in parallel, as many pieces at a time as there are threads.
fn send_rows(work: &Work, gold: &[GoldRow], send: &impl Fn(Computed) -> Sent) -> Sent {
    let at_once = PIECE_ROWS * rayon::current_num_threads();
    for some in gold.chunks(at_once) {
        let pieces: Vec<Computed> = some
            .par_chunks(PIECE_ROWS)
            .map(|rows| {
                let encoded = encode_gold(rows, work.run_id, &work.ids, &work.dictionary)
                    .map_err(|source| RunError::Write { cutoff: work.cutoff, source })?;
                let mut memory = work.budget.reservation("rows on their way to the server");
                memory.grow(encoded.len() as u64).map_err(|source| work.out_of_memory(source))?;
                Ok(Computed::Rows { encoded, rows: rows.len() as u64, _memory: memory })
            })
            .collect::<Result<_, RunError>>()?;
        for piece in pieces {
            send(piece)?;
        }
    }
    Ok(())
}

/// One reward on one day: its gold rows, and those of the steps if asked for.
struct Group {
    reward_hash: Id,
    gold: Vec<GoldRow>,
    digest: GoldDigest,
    steps: Vec<(Step, StepTable)>,
    /// Given back when the rows are encoded.
    memory: Reservation,
}

/// The rows of every step of one reward on one day, and the memory they take.
///
/// # Errors
/// A rule that cannot be evaluated; more rows than memory.
pub(crate) fn rows_of_steps(
    reward: &Reward,
    state: &DayState,
    rules: &Rules,
    dictionary: &Dictionary,
    budget: &Budget,
    cutoff: Day,
) -> Result<(GroupRows, Reservation), RunError> {
    let rows = compute_group(reward, state, rules)
        .map_err(|error| RunError::Rule { cutoff, message: error.describe(dictionary) })?;
    let mut memory = budget.reservation("rows being computed");
    memory.grow(rows.memory_bytes()).map_err(|source| RunError::Memory { cutoff, source })?;
    Ok((rows, memory))
}

fn compute_reward(work: &Work, state: &DayState, reward: &Reward) -> Result<Group, RunError> {
    let mut steps = Vec::new();
    let (gold, mut memory) = if work.collect_steps {
        let (rows, memory) = rows_of_steps(reward, state, &work.rules, &work.dictionary, &work.budget, work.cutoff)?;
        rows.for_each_step(&work.dictionary, |step, columns, rows| {
            steps.push((step, StepTable { columns: columns.to_vec(), rows }));
        });
        (rows.gold, memory)
    } else {
        let gold = compute_gold(reward, state, &work.rules)
            .map_err(|error| RunError::Rule { cutoff: work.cutoff, message: error.describe(&work.dictionary) })?;
        (gold, work.budget.reservation("rows being computed"))
    };
    memory.resize(memory_budget::bytes_of::<GoldRow>(gold.capacity())).map_err(|source| work.out_of_memory(source))?;
    let digest = GoldDigest::of(&gold, &work.hashes);
    Ok(Group { reward_hash: reward.reward_hash, gold, digest, steps, memory })
}

impl Work {
    fn out_of_memory(&self, source: OutOfMemory) -> RunError {
        RunError::Memory { cutoff: self.cutoff, source }
    }
}
