//! Running the command.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;

/// The command without anything of the environment that names a database.
pub(crate) fn paydirt() -> Command {
    let mut command = Command::cargo_bin("paydirt").unwrap();
    for name in ["DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

/// What a command printed and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Ran {
        code: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs the command on a database.
pub(crate) fn on(url: &str, arguments: &[&str]) -> Ran {
    run(paydirt().arg("--database-url").arg(url).args(arguments))
}

/// Runs the command on a database and expects it to succeed.
pub(crate) fn done(url: &str, arguments: &[&str]) -> String {
    let ran = on(url, arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

pub(crate) fn demo() -> PathBuf {
    test_support::repo_root().join("fixtures/demo")
}

/// A folder that other users can enter: the server of root runs as one, and keeps its data elsewhere if it cannot.
pub(crate) fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
