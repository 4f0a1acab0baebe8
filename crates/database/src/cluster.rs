//! Running PostgreSQL's own programs: as whom, where, and how. Shared with the `test-support` crate.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use rustix::process::geteuid;

use crate::{Binaries, DatabaseError};

/// Who may run the server when we are root; the first that exists does.
const UNPRIVILEGED: [&str; 3] = ["postgres", "nobody", "daemon"];

/// The superuser of the clusters we make.
pub const SUPERUSER: &str = "paydirt";

/// The user a server runs as. PostgreSQL refuses to be root, so root hands over to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUser {
    uid: u32,
    gid: u32,
    name: String,
    /// Whether we are root and have to change to this user.
    switch: bool,
}

impl ServerUser {
    /// The user for a new cluster: ourselves, or for root `postgres`, else `nobody`, else `daemon`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::NoServerUser`] when we are root and none of them exists.
    pub fn for_new() -> Result<Self, DatabaseError> {
        let euid = geteuid().as_raw();
        if euid != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self { uid: euid, gid, name: name_of(euid), switch: false });
        }
        let users = users();
        UNPRIVILEGED
            .iter()
            .find_map(|name| users.iter().find(|user| user.name == *name && user.uid != 0))
            .map(|user| Self { uid: user.uid, gid: user.gid, name: user.name.clone(), switch: true })
            .ok_or(DatabaseError::NoServerUser { tried: "postgres, nobody, daemon" })
    }

    /// The user of an existing cluster: whoever owns the folder.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Owner`] when that is somebody we cannot be (or root, whom PostgreSQL refuses), and
    /// [`DatabaseError::Io`] when the folder cannot be looked at.
    pub fn for_owner_of(folder: &Path) -> Result<Self, DatabaseError> {
        let metadata =
            std::fs::symlink_metadata(folder).map_err(|cause| DatabaseError::io("look at", folder, cause))?;
        let euid = geteuid().as_raw();
        let (uid, gid) = (metadata.uid(), metadata.gid());
        let owner = |expected: String, advice| {
            Err(DatabaseError::Owner { path: folder.to_owned(), owner: name_of(uid), expected, advice })
        };
        if euid != 0 && uid != euid {
            return owner(name_of(euid), "run paydirt as that user (or as root), or choose another PAYDIRT_HOME");
        }
        if uid == 0 {
            return owner(
                "an ordinary user".to_owned(),
                "PostgreSQL refuses to run as root; remove the folder if it is empty, or chown it",
            );
        }
        if !metadata.is_dir() {
            return Err(DatabaseError::io("use as a folder", folder, io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { uid, gid, name: name_of(uid), switch: euid == 0 })
    }

    /// The user's number.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The user's name, or its number when it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the user can enter the folder: execute permission on it and on every folder above it.
    ///
    /// Reads owners and mode bits; access control lists are not looked at.
    #[must_use]
    pub fn can_enter(&self, folder: &Path) -> bool {
        let Ok(folder) = folder.canonicalize() else { return false };
        folder.ancestors().all(|ancestor| {
            std::fs::metadata(ancestor).is_ok_and(|metadata| {
                let shift = match (metadata.uid() == self.uid, metadata.gid() == self.gid) {
                    (true, _) => 6,
                    (false, true) => 3,
                    (false, false) => 0,
                };
                metadata.mode() >> shift & 0o1 == 1
            })
        })
    }

    /// A command that will run as this user, with no rights left over, in `/`, and with a neutral environment: no
    /// `PG*` variables (the server reads some), C locale, no standard input.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("PG") || name_text.starts_with("LC_") || name_text.starts_with("LANG") {
                command.env_remove(&name);
            }
        }
        command.env("LC_ALL", "C").env("TZ", "UTC").current_dir("/").stdin(Stdio::null());
        if self.switch {
            // As root, the standard library also clears the supplementary groups when it changes the user.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes a folder that only this user (and root) can enter. It must not exist yet. Whoever sees it sees it with its owner.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Io`].
    pub fn create_private_folder(&self, folder: &Path) -> Result<(), DatabaseError> {
        let created = |cause| DatabaseError::io("create folder", folder, cause);
        if folder.symlink_metadata().is_ok() {
            return Err(created(io::ErrorKind::AlreadyExists.into()));
        }
        let mut name = folder.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = folder.with_file_name(name);
        DirBuilder::new().mode(0o700).create(&partial).map_err(created)?;
        self.own(&partial).and_then(|()| std::fs::rename(&partial, folder).map_err(created)).inspect_err(|_| {
            // What is left of it is empty, and the next process has another number.
            let _ = std::fs::remove_dir(&partial);
        })
    }

    /// Gives a path to this user, if we are root; otherwise it is ours already.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Io`].
    pub fn own(&self, path: &Path) -> Result<(), DatabaseError> {
        if !self.switch {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid))
            .map_err(|cause| DatabaseError::io("change the owner of", path, cause))
    }

    /// Writes a file as this user (root writing into somebody else's folder would follow that user's links).
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Io`] or [`DatabaseError::Program`].
    pub fn write_file(&self, path: &Path, text: &str) -> Result<(), DatabaseError> {
        use std::io::Write;
        if !self.switch {
            return std::fs::write(path, text).map_err(|cause| DatabaseError::io("write", path, cause));
        }
        let mut child = self
            .command("/bin/sh")
            .args(["-c", "umask 077 && cat > \"$1\"", "sh"])
            .arg(path)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|cause| DatabaseError::io("run /bin/sh to write", path, cause))?;
        if let Some(mut input) = child.stdin.take() {
            // If this fails the program has failed, and says why.
            let _ = input.write_all(text.as_bytes());
        }
        let output = child.wait_with_output().map_err(|cause| DatabaseError::io("write", path, cause))?;
        check(&format!("writing {}", path.display()), &output)
    }
}

/// Makes a cluster in a folder that does not exist yet (its parent must be the user's): UTF-8, C locale, superuser
/// `paydirt`, `trust` for the local socket and nothing else. `extra` are more arguments for `initdb`.
///
/// `trust` is safe because whoever starts the server puts its socket into a 0700 folder.
///
/// # Errors
///
/// [`DatabaseError::Program`] with what `initdb` said.
pub fn init_cluster(
    binaries: &Binaries,
    user: &ServerUser,
    data_dir: &Path,
    extra: &[&str],
) -> Result<(), DatabaseError> {
    let program = binaries.program("initdb");
    let output = user
        .command(&program)
        .arg("-D")
        .arg(data_dir)
        .args(["-U", SUPERUSER, "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"])
        .args(["--auth-local=trust", "--auth-host=reject"])
        .args(extra)
        .output()
        .map_err(|cause| not_started(&program, &cause))?;
    check(&program.display().to_string(), &output)
}

/// Turns a failed program into an error with the end of its output.
pub(crate) fn check(program: &str, output: &Output) -> Result<(), DatabaseError> {
    if output.status.success() {
        return Ok(());
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(DatabaseError::Program {
        program: program.to_owned(),
        outcome: outcome(output.status),
        output: last_lines(&text, 12),
    })
}

pub(crate) fn not_started(program: &Path, cause: &io::Error) -> DatabaseError {
    DatabaseError::Program {
        program: program.display().to_string(),
        outcome: format!("could not be run: {cause}"),
        output: String::new(),
    }
}

pub(crate) fn outcome(status: ExitStatus) -> String {
    status.to_string()
}

/// The end of a text, such as a server's log.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Whether a folder is private: only its owner gets in.
#[must_use]
pub fn is_private(folder: &Path) -> bool {
    std::fs::symlink_metadata(folder).is_ok_and(|m| m.is_dir() && m.permissions().mode() & 0o077 == 0)
}

/// A short, unguessable word for names of temporary files and folders.
#[must_use]
pub fn random_word() -> String {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    format!("{:010x}", hasher.finish() & 0xff_ffff_ffff)
}

/// The longest path of a socket file that every system we run on accepts (Linux 107, macOS 103 bytes).
const LONGEST_SOCKET: usize = 103;

/// Whether a server can keep its socket in the folder: the path is short enough, and plain enough for a
/// configuration file and a URL.
#[must_use]
pub fn fits_socket(folder: &Path) -> bool {
    folder.to_str().is_some_and(|path| {
        path.len() + "/.s.PGSQL.5432".len() <= LONGEST_SOCKET
            && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+~@".contains(c))
    })
}

/// The folders for short-lived things, best first: the system's temporary folder if the user can enter it and a
/// socket fits below it, then `/tmp`.
#[must_use]
pub fn temporary_folders(user: &ServerUser) -> Vec<PathBuf> {
    let room = |folder: &Path| fits_socket(&folder.join("paydirt-test-0123456789"));
    [std::env::temp_dir(), PathBuf::from("/tmp")]
        .into_iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .filter(|folder| room(folder) && user.can_enter(folder))
        .collect()
}

struct User {
    name: String,
    uid: u32,
    gid: u32,
}

fn users() -> Vec<User> {
    let text = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(User { name, uid, gid })
        })
        .collect()
}

fn name_of(uid: u32) -> String {
    users().into_iter().find(|user| user.uid == uid).map_or_else(|| uid.to_string(), |user| user.name)
}

/// The name of the user we are, if it has one.
pub(crate) fn current_user_name() -> Option<String> {
    let uid = geteuid().as_raw();
    users().into_iter().find(|user| user.uid == uid).map(|user| user.name)
}
