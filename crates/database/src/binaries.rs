//! Finding the PostgreSQL server programs of this machine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{Access, access};

use crate::DatabaseError;

/// The oldest PostgreSQL major version the embedded server is made with.
pub const MINIMUM_MAJOR: u32 = 15;

/// The programs that must be in a folder for it to count.
const PROGRAMS: [&str; 2] = ["postgres", "initdb"];

/// A PostgreSQL version, such as 15.14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The major version: clusters of different ones are incompatible.
    pub major: u32,
    /// The minor version; 0 for a development version.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A folder with PostgreSQL's server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder that holds `postgres` and `initdb`, symbolic links resolved.
    pub dir: PathBuf,
    /// What `postgres --version` says.
    pub version: Version,
}

impl Binaries {
    /// The path of one of the programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Finds the PostgreSQL server programs: what `pg_config --bindir` says, then the folders in `PATH`, then the usual
/// places, newest version first. The first usable folder wins.
///
/// # Errors
///
/// [`DatabaseError::NoBinaries`] when there are none of version 15 or newer; its text names the package to install.
pub fn find_binaries(env: &dyn Fn(&str) -> Option<String>) -> Result<Binaries, DatabaseError> {
    search(env("PATH").as_deref(), &usual_folders(), None)
}

/// As [`find_binaries`], but only the given major version will do (the one a cluster was made with).
pub(crate) fn find_binaries_of(path: Option<&str>, major: u32, data_dir: &Path) -> Result<Binaries, DatabaseError> {
    let any = search(path, &usual_folders(), None)?;
    if any.version.major == major {
        return Ok(any);
    }
    search(path, &usual_folders(), Some(major)).map_err(|_| DatabaseError::VersionMismatch {
        data_dir: data_dir.to_owned(),
        wanted: major,
        found: any.version.to_string(),
    })
}

pub(crate) fn search(path: Option<&str>, usual: &[PathBuf], major: Option<u32>) -> Result<Binaries, DatabaseError> {
    let in_path: Vec<PathBuf> = path.map_or_else(Vec::new, |path| std::env::split_paths(path).collect());
    let from_pg_config = in_path
        .iter()
        .map(|dir| dir.join("pg_config"))
        .find(|program| is_program(program))
        .and_then(|program| first_line(&program, "--bindir", path));
    let mut rejected: Vec<String> = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let candidates = from_pg_config.map(PathBuf::from).into_iter().chain(in_path).chain(usual.iter().cloned());
    for candidate in candidates {
        // PATH often has links to single programs: the folder behind `postgres` is the real one.
        let Ok(server) = candidate.join("postgres").canonicalize() else { continue };
        let Some(dir) = server.parent() else { continue };
        if seen.iter().any(|s| s == dir) || !PROGRAMS.iter().all(|name| is_program(&dir.join(name))) {
            continue;
        }
        seen.push(dir.to_owned());
        let said = first_line(&server, "--version", path);
        match said.as_deref().and_then(parse_version) {
            Some(version) if version.major < MINIMUM_MAJOR => {
                rejected.push(format!("{} is version {version}", dir.display()));
            }
            Some(version) if major.is_none_or(|major| major == version.major) => {
                return Ok(Binaries { dir: dir.to_owned(), version });
            }
            Some(_) => {}
            None => rejected.push(format!("{} does not tell its version", server.display())),
        }
    }
    Err(DatabaseError::NoBinaries { minimum: MINIMUM_MAJOR, rejected })
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

fn first_line(program: &Path, argument: &str, path: Option<&str>) -> Option<String> {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stderr(Stdio::null());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    let line = String::from_utf8(output.stdout).ok()?.lines().next()?.trim().to_owned();
    (!line.is_empty()).then_some(line)
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, `postgres (PostgreSQL) 19devel`.
fn parse_version(line: &str) -> Option<Version> {
    let word = line.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
    let digits = |text: &str| -> Option<u32> { text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok() };
    let mut parts = word.splitn(2, '.');
    let major = digits(parts.next()?)?;
    Some(Version { major, minor: parts.next().and_then(digits).unwrap_or(0) })
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    // <parent>/<prefix><version>/bin
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr/pgsql", ""),
        ("/usr", "pgsql-"),
        ("/usr/lib64", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
        ("/Library/PostgreSQL", ""),
        ("/Applications/Postgres.app/Contents/Versions", ""),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        let mut versions: Vec<(u32, PathBuf)> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let name = entry.file_name();
                let version = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
                Some((version, entry.path().join("bin")))
            })
            .collect();
        versions.sort();
        folders.extend(versions.into_iter().rev().map(|(_, path)| path));
    }
    for folder in ["/usr/local/pgsql/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"] {
        folders.push(PathBuf::from(folder));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_server_says() {
        let version = |line| parse_version(line).map(|v| v.to_string());
        assert_eq!(version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)").unwrap(), "15.14");
        assert_eq!(version("postgres (PostgreSQL) 19devel").unwrap(), "19.0");
        assert_eq!(version("postgres (PostgreSQL) 9.6.24").unwrap(), "9.6");
        assert_eq!(version("something else"), None);
    }

    #[test]
    fn missing_programs_name_the_package_to_install() {
        let error = search(Some("/nonexistent"), &[], None).unwrap_err();
        assert!(error.is_unreachable());
        let text = error.to_string();
        for part in ["apt-get install postgresql", "make", "DATABASE_URL", "initdb"] {
            assert!(text.contains(part), "{part} missing in: {text}");
        }
    }

    #[test]
    fn old_programs_are_named_and_refused() {
        let dir = tempfile::tempdir().unwrap();
        for name in PROGRAMS {
            let path = dir.path().join(name);
            std::fs::write(&path, "#!/bin/sh\necho 'postgres (PostgreSQL) 13.9'\n").unwrap();
            std::os::unix::fs::chown(&path, None, None).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        let error = search(dir.path().to_str(), &[], None).unwrap_err().to_string();
        assert!(error.contains("is version 13.9"), "{error}");
    }
}
