//! What is stored, in a form that can be compared.

use std::collections::BTreeMap;

use anyhow::Context;
use database::quote_identifier;
use tokio_postgres::Client;

/// Under this name the state keeps the visible rows of all runs.
pub(crate) const GOLD: &str = "gold_table";

/// A fingerprint of rows.
const SORTED: &str = "count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '-')";

/// A fingerprint that needs no sort: silver's views have many rows.
const SUMMED: &str = "count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)";

/// Every complete run with its rows. The numbers of runs are left out: those of killed ones are not used again.
const RUNS: &str = "\
    SELECT 'gold of ' || r.chain || ' ' || r.cutoff, r.status || ', ' || count(g.*) || ' rows, ' || coalesce(r.gold_rows, -1) \
        || ' counted, ' || coalesce(md5(string_agg(ROW(g.earner, g.snapshot, g.reward_hash, g.token, g.amount)::text, ',' \
               ORDER BY ROW(g.earner, g.snapshot, g.reward_hash, g.token, g.amount)::text)), '-') \
    FROM paydirt.runs r LEFT JOIN paydirt.gold_of_runs g ON g.run_id = r.id WHERE r.status = 'complete' GROUP BY r.id";

/// Which run paid which days.
const WINDOWS: &str = "\
    SELECT 'windows of ' || r.cutoff, md5(string_agg(ROW(w.reward_hash, w.first_snapshot, w.last_snapshot, w.gold_rows)::text, \
        ',' ORDER BY w.reward_hash)) \
    FROM paydirt.gold_windows w JOIN paydirt.runs r ON r.id = w.run_id GROUP BY r.id";

/// Relations whose rows are compared as they are: the stored ranges, the silver views, gold, watermarks.
const RELATIONS: &str = "\
    SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'paydirt'::regnamespace AND NOT c.relispartition \
        AND (c.relkind = 'v' AND c.relname NOT IN ('generated_rewards_snapshots', 'gold_of_runs') OR c.relname LIKE '%\\_ranges' AND c.relkind = 'r' \
            OR c.relname IN ('watermarks', 'silver_state')) \
    ORDER BY 1";

/// Every relation of every schema, with the partitions and what they belong to.
const CATALOG: &str = "\
    SELECT 'relation ' || n.nspname || '.' || c.relname, c.relkind::text || coalesce(' of ' || i.inhparent::regclass::text, '') \
        || CASE WHEN i.inhdetachpending THEN ' (being detached)' ELSE '' END \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_inherits i ON i.inhrelid = c.oid \
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_t%temp\\_%'";

/// Fingerprints of everything a run writes, and the names of all relations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State(BTreeMap<String, String>);

impl State {
    pub(crate) async fn read(client: &Client) -> anyhow::Result<Self> {
        client.batch_execute("SET work_mem = '256MB'").await.context("more memory to sort in")?;
        let mut entries = BTreeMap::new();
        for statement in [RUNS, WINDOWS, CATALOG] {
            for row in client.query(statement, &[]).await.context("comparing")? {
                entries.insert(row.get(0), row.get(1));
            }
        }
        for row in client.query(RELATIONS, &[]).await.context("listing relations")? {
            let name: String = row.get(0);
            let relation = quote_identifier(&name);
            let statement = if name == GOLD {
                format!("SELECT {SORTED} FROM paydirt.{relation} t")
            } else {
                format!("SELECT {SUMMED} FROM paydirt.{relation} t")
            };
            let row = client.query_one(&statement, &[]).await.with_context(|| format!("reading {name}"))?;
            entries.insert(name, row.get(0));
        }
        Ok(Self(entries))
    }

    /// The fingerprint of what readers of gold see.
    pub(crate) fn gold(&self) -> Option<&str> {
        self.0.get(GOLD).map(String::as_str)
    }

    /// How this differs from what it should be, a line each.
    pub(crate) fn differences(&self, expected: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> = self.0.keys().chain(expected.0.keys()).collect();
        let shown = |state: &Self, name: &String| state.0.get(name).cloned().unwrap_or_else(|| "nothing".to_owned());
        names
            .into_iter()
            .filter(|name| self.0.get(*name) != expected.0.get(*name))
            .map(|name| format!("{name}: {}, undisturbed {}", shown(self, name), shown(expected, name)))
            .collect()
    }
}
