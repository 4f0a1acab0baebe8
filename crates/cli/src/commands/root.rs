//! `paydirt root`.

use anyhow::bail;
use pipeline::{PostedRoot, Verdict, check_posted_roots, root};
use serde::Serialize;

use crate::args::{Global, RootOptions};
use crate::output;
use crate::session::{client, schemas};

/// A root as JSON, the same as in `expected/root.json` of a case, with the number of earners.
#[derive(Serialize)]
struct Printed {
    snapshot: String,
    earners: usize,
    pairs: usize,
    total: String,
    root: String,
}

pub(crate) async fn execute(global: &Global, options: &RootOptions) -> anyhow::Result<u8> {
    if options.check {
        return check(global, options).await;
    }
    let Some(snapshot) = options.snapshot else { bail!("name a snapshot, or --check") };
    let root = root(&mut client(global).await?, &schemas(global), snapshot, &options.memory.budget()).await?;
    let printed = Printed {
        snapshot: root.snapshot.to_string(),
        earners: root.distribution.earners().len(),
        pairs: root.distribution.pair_count(),
        total: root.total.to_string(),
        root: root.root().to_string(),
    };
    if options.json {
        output::json(&printed)?;
    } else {
        let Printed { snapshot, earners, pairs, total, root } = printed;
        let (pairs, earners) = (output::counted(pairs as u64, "pair"), output::counted(earners as u64, "earner"));
        output::line(&root)?;
        output::line(&format!("snapshot {snapshot}: {pairs} of {earners}, {total} in all"))?;
    }
    Ok(crate::exit::DONE)
}

async fn check(global: &Global, options: &RootOptions) -> anyhow::Result<u8> {
    let budget = options.memory.budget();
    let posted = check_posted_roots(&mut client(global).await?, &schemas(global), &budget).await?;
    if options.json {
        output::json(&posted)?;
    } else {
        print(&posted)?;
    }
    let differs = posted.iter().any(|posted| matches!(posted.verdict, Verdict::Different { .. }));
    Ok(if differs { crate::exit::CHECK_FAILED } else { crate::exit::DONE })
}

fn print(posted: &[PostedRoot]) -> anyhow::Result<()> {
    if posted.is_empty() {
        return output::line("no root was posted yet");
    }
    let rows: Vec<Vec<String>> = posted
        .iter()
        .map(|posted| {
            let result = match &posted.verdict {
                Verdict::Equal => "equal".to_owned(),
                Verdict::Different { ours } => format!("DIFFERENT: ours is {ours}"),
                Verdict::NotComputable { reason } => format!("not computable: {reason}"),
            };
            let disabled = if posted.disabled { "yes" } else { "" };
            vec![
                posted.root_index.to_string(),
                posted.snapshot.clone(),
                posted.root.clone(),
                posted.block_number.to_string(),
                disabled.to_owned(),
                result,
            ]
        })
        .collect();
    output::table(&["index>", "snapshot", "posted root", "block>", "disabled", "result"], &rows)?;
    let count = |wanted: fn(&Verdict) -> bool| posted.iter().filter(|posted| wanted(&posted.verdict)).count();
    let equal = count(|verdict| matches!(verdict, Verdict::Equal));
    let different = count(|verdict| matches!(verdict, Verdict::Different { .. }));
    let rest = count(|verdict| matches!(verdict, Verdict::NotComputable { .. }));
    output::line(&format!("{equal} equal, {different} different, {rest} not computable"))
}
