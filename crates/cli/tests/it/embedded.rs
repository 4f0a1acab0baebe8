//! The PostgreSQL that starts itself.

use std::path::Path;
use std::process::Command;

use crate::support::{demo, open_folder, paydirt, run};

fn at(home: &Path) -> Command {
    let mut command = paydirt();
    command.arg("--home").arg(home);
    command
}

/// Stops the server when a test ends, however it ends.
struct Stop<'a>(&'a Path);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        let _ = at(self.0).args(["db", "stop"]).output();
    }
}

#[test]
fn the_embedded_server_keeps_its_data_over_a_stop() {
    let folder = open_folder();
    let home = folder.path().join("home");
    let _stop = Stop(&home);
    let status = run(at(&home).args(["db", "status"]));
    assert_eq!((status.code, status.stdout.lines().next()), (0, Some("not running")), "{}", status.stderr);

    let migrated = run(at(&home).arg("migrate"));
    assert_eq!(migrated.code, 0, "{}", migrated.stderr);
    let imported = run(at(&home).arg("import").arg(demo()));
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let latest = ["run", "--chain", "mainnet", "--cutoff", "latest"];
    assert_eq!(run(at(&home).args(latest)).code, 0);

    assert!(run(at(&home).args(["db", "stop"])).stdout.starts_with("stopped"));
    assert_eq!(run(at(&home).args(["db", "stop"])).stdout, "was not running\n");
    let again = run(at(&home).args(latest));
    assert!(again.stdout.contains("already complete"), "{}{}", again.stdout, again.stderr);

    let url = run(at(&home).args(["db", "url"])).stdout;
    let given = run(paydirt().arg("--database-url").arg(url.trim()).arg("status"));
    assert_eq!(given.code, 0, "{}", given.stderr);
    let zone = run(at(&home).args(["db", "psql", "-Atc", "SHOW timezone"]));
    assert_eq!(zone.stdout, "UTC\n", "{}", zone.stderr);
}
