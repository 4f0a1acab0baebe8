//! `paydirt explain`.

use anyhow::Context;
use pipeline::{
    EventReport, ExplainReport, ExplainRequest, ExplainedAmount, GoldVerdict, PartReport, StoredAmount,
    SubmissionReport, chain_of_runs, explain,
};

use crate::args::{ExplainOptions, Global};
use crate::output;
use crate::session::{client, schemas};

/// Lines of one part that are printed; an operator may have many stakers.
const SHOWN_LINES: usize = 40;

pub(crate) async fn execute(global: &Global, options: &ExplainOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let chain = match options.chain {
        Some(chain) => chain,
        None => chain_of_runs(&client, &schemas(global)).await?.with_context(|| {
            format!("schema '{}' has no runs yet, so it has no chain: give one with --chain", schemas(global).own)
        })?,
    };
    let request = ExplainRequest {
        chain,
        snapshot: options.snapshot,
        earners: vec![options.earner.clone()],
        reward_hash: options.reward_hash.clone(),
        token: options.token.clone(),
        memory: options.memory.budget(),
    };
    let report = explain(&mut client, &schemas(global), &request).await?;
    if options.json {
        output::json(&report)?;
    } else {
        print(&report, options)?;
    }
    Ok(if report.equal { crate::exit::DONE } else { crate::exit::CHECK_FAILED })
}

fn print(report: &ExplainReport, options: &ExplainOptions) -> anyhow::Result<()> {
    let newest = report.newest_cutoff.as_deref().unwrap_or("none");
    output::line(&format!(
        "{} {}, earner {}; newest complete cutoff: {newest}",
        report.chain, report.snapshot, options.earner
    ))?;
    for amount in &report.amounts {
        output::line("")?;
        print_amount(amount)?;
    }
    if report.amounts.is_empty() {
        output::line("no submission that was asked for has that day, and gold has no row")?;
    }
    if !report.equal {
        let differing = report.amounts.iter().filter(|amount| amount.verdict == GoldVerdict::Differs).count();
        output::line(&format!(
            "\nGOLD DIFFERS from what silver gives now, for {}: gold was changed, or the source was corrected after the run; \
             paydirt check and paydirt verify say more",
            output::counted(differing as u64, "submission")
        ))?;
    }
    Ok(())
}

fn print_amount(amount: &ExplainedAmount) -> anyhow::Result<()> {
    let kind = amount.submission.as_ref().map_or("not in the source any more", |submission| &submission.kind);
    output::line(&format!("submission {} ({kind})", amount.reward_hash))?;
    let (stored, explained) = (amounts(&amount.stored), amounts(&amount.explained));
    line(1, &format!("gold:       {stored}"))?;
    line(
        1,
        &match amount.verdict {
            GoldVerdict::Equal => format!("recomputed: {explained}, equal"),
            GoldVerdict::Differs => format!("recomputed: {explained} — DIFFERS FROM GOLD"),
            GoldVerdict::Dropped => {
                format!(
                    "recomputed: {explained}; the rows of that day were dropped, so there is nothing to compare with"
                )
            }
        },
    )?;
    if let Some(submission) = &amount.submission {
        print_submission(submission)?;
    }
    if let Some(run) = &amount.run {
        let gates = if run.gates.is_empty() { "none".to_owned() } else { run.gates.join(", ") };
        line(1, &format!("computed by run {} of cutoff {}, gates open: {gates}", run.id, run.cutoff))?;
        if let Some(window) = &run.window {
            let (first, last) = (&window.first_snapshot, &window.last_snapshot);
            let days = output::counted(u64::from(window.days), "day");
            line(2, &format!("its window: {first} .. {last}, {days}; from: {}; to: {}", window.begins, window.ends))?;
        }
    }
    amount.parts.iter().try_for_each(print_part)?;
    if !amount.parts.is_empty() {
        let counting = amount.parts.iter().filter(|part| part.counts);
        let terms: Vec<String> = counting.map(|part| format!("{} (step {})", part.amount, part.step)).collect();
        line(1, &format!("amount: {} = {explained}", terms.join(" + ")))?;
    }
    if !amount.reasons.is_empty() {
        line(1, "nothing, because:")?;
    }
    for reason in &amount.reasons {
        line(2, &format!("as {}: {} [{}]", reason.role, reason.words, reason.reason))?;
    }
    if let Some(balance) = &amount.balance {
        let others = output::counted(balance.other_earners as u64, "other");
        let (pool, paid) = (&balance.pool, &balance.paid);
        // What is directed to operators has its own amounts and days for each of them.
        let whole = amount.submission.as_ref().filter(|of| !of.kind.starts_with("operator_directed"));
        let of = whole.map(|of| format!("floor({} / {}) = ", of.amount, of.days)).unwrap_or_default();
        line(
            1,
            &format!(
                "pool of the day: {of}{pool}; paid: {paid}, of it {} to {others}; remainder: {}",
                balance.others, balance.remainder
            ),
        )?;
    }
    if !amount.events.is_empty() {
        line(1, "events behind it:")?;
    }
    amount.events.iter().try_for_each(print_event)
}

fn print_submission(submission: &SubmissionReport) -> anyhow::Result<()> {
    let SubmissionReport { avs, token, amount, days, start, end, .. } = submission;
    let set = submission.operator_set_id.map(|set| format!(" for its operator set {set}")).unwrap_or_default();
    let at = place(
        submission.block_number,
        submission.block_time.as_deref(),
        submission.transaction_hash.as_deref(),
        submission.log_index,
    );
    line(1, &format!("submitted by {avs}{set} in {at}"))?;
    let pays = match (&submission.first_snapshot, &submission.last_snapshot) {
        (Some(first), Some(last)) => format!("pays {first} .. {last}"),
        _ => "pays no day".to_owned(),
    };
    let days = output::counted(u64::try_from(*days).unwrap_or(0), "day");
    line(2, &format!("{amount} of token {token} for {days}, {start} .. {end}; {pays}"))
}

fn print_part(part: &PartReport) -> anyhow::Result<()> {
    line(1, &format!("step {} ({}), as {}: {}", part.step, part.name, part.role, part.amount))?;
    let hidden = if part.words.len() > SHOWN_LINES { SHOWN_LINES - 2..part.words.len() - 1 } else { 0..0 };
    for (at, words) in part.words.iter().enumerate() {
        if !hidden.contains(&at) {
            line(2, words)?;
        } else if at == hidden.start {
            line(2, &format!("… {} (--json has all)", output::counted(hidden.len() as u64, "more line")))?;
        }
    }
    if let Some(zero) = &part.zero {
        line(2, &format!("zero, because: {} [{}]", zero.words, zero.reason))?;
    }
    if !part.counts {
        line(2, "an equal refund of the same step counts already; this one does not")?;
    }
    Ok(())
}

fn print_event(event: &EventReport) -> anyhow::Result<()> {
    let at = place(event.block_number, event.block_time.as_deref(), event.transaction_hash.as_deref(), event.log_index);
    line(2, &format!("{}: {}, {at}", event.what, event.detail))
}

/// Where an event is.
fn place(block: i64, time: Option<&str>, transaction: Option<&str>, log: Option<i64>) -> String {
    let time = time.map_or_else(|| " (missing)".to_owned(), |time| format!(" ({time} UTC)"));
    let transaction = transaction.map(|hash| format!(", transaction {hash}")).unwrap_or_default();
    let log = log.map(|index| format!(", log {index}")).unwrap_or_default();
    format!("block {block}{time}{transaction}{log}")
}

fn amounts(rows: &[StoredAmount]) -> String {
    if rows.is_empty() {
        return "nothing".to_owned();
    }
    rows.iter().map(|row| row.amount.as_str()).collect::<Vec<_>>().join(", ")
}

fn line(depth: usize, text: &str) -> anyhow::Result<()> {
    output::line(&format!("{}{text}", "  ".repeat(depth)))
}
