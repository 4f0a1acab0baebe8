//! How long readers take, from gold as it is stored and from a plain table with text columns and the index of the spec.

use std::time::Instant;

use anyhow::bail;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use crate::figures;
use crate::report::{Measurement, Report};
use crate::server::Server;

/// What is read, with a statement each; both sides have a relation `gold_table` with the columns of the spec.
const READS: [(&str, &str); 4] = [
    ("rows of one earner", include_str!("../sql/read/one_earner.sql")),
    ("cumulative sums", include_str!("../sql/read/cumulative.sql")),
    ("last snapshot per submission", include_str!("../sql/read/last_snapshots.sql")),
    ("export of all rows", include_str!("../sql/read/export.sql")),
];

/// Reads the same from both, in turn; the ratios are ours / the plain table's.
pub(crate) async fn compare(gold: &Server, plain: &Server, times: u32, report: &mut Report) -> anyhow::Result<()> {
    for server in [gold, plain] {
        server.settle().await?;
    }
    let earner: String = plain.client.query_one(include_str!("../sql/read/an_earner.sql"), &[]).await?.get("earner");
    for (name, statement) in READS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for time in 1..=times.max(1) {
            let (found, seconds) = read(&gold.client, statement, &earner).await?;
            let (in_plain, plain_seconds) = read(&plain.client, statement, &earner).await?;
            if found != in_plain {
                bail!("{name}: {found:?} from gold and {in_plain:?} from the plain table");
            }
            let rows = found.0;
            for (side, wall_seconds) in [("gold", seconds), ("plain", plain_seconds)] {
                let name = format!("read: {name}, {side} {time}");
                report.add(Measurement { name, wall_seconds, rows, ..Measurement::default() });
            }
            ours.push(seconds);
            theirs.push(plain_seconds);
        }
        let ratio = figures::ratio_of(figures::median(ours), figures::median(theirs));
        report.figure(format!("read: {name}, gold / plain table"), ratio, "for comparison");
    }
    Ok(())
}

/// Gives how many rows or groups were found with a sum over them, and the seconds.
async fn read(client: &Client, statement: &str, earner: &str) -> anyhow::Result<((u64, String), f64)> {
    let prepared = client.prepare(statement).await?;
    let earner: &(dyn ToSql + Sync) = &earner;
    let parameters = &[earner][..prepared.params().len()];
    let started = Instant::now();
    let found = if prepared.columns().is_empty() {
        (client.execute(&prepared, parameters).await?, String::new())
    } else {
        let row = client.query_one(&prepared, parameters).await?;
        (u64::try_from(row.get::<_, i64>("groups"))?, row.get("check"))
    };
    Ok((found, started.elapsed().as_secs_f64()))
}
