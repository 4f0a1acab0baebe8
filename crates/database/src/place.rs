//! Where the embedded server keeps its things.
//!
//! The *server folder* holds `data` (the cluster), `run` (the socket) and `log`. It belongs to the server's user, 0700.
//!
//! 1. Normally it is `<home>/pg`.
//! 2. When root's home is where the server's user cannot go (below `/root`, or a `mktemp -d` folder), it is
//!    `/var/lib/paydirt/<hash of the home>`, or `/var/tmp/paydirt-<hash of the home>` where that cannot be made, and
//!    `<home>/pg.location` says so. A folder that is there already is never taken over: the next free number is added.
//!    A recorded folder that has disappeared is an error: an empty database in its place would hide the loss.
//! 3. The socket is in `<server folder>/run`, or, when that path is too long or too odd for a socket, in a folder of
//!    its own in the temporary folder, which `<home>/pg.socket` names and `stop` removes.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use sha2::{Digest, Sha256};

use crate::DatabaseError;
use crate::cluster::{ServerUser, fits_socket, is_private, random_word, temporary_folders};

/// The folders of the embedded server under one home.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    home: PathBuf,
}

impl Place {
    /// The place for a home, whether it exists or not.
    pub(crate) fn of(home: &Path) -> Result<Self, DatabaseError> {
        let home = std::path::absolute(home).map_err(|cause| DatabaseError::io("find", home, cause))?;
        Ok(Self { home: home.canonicalize().unwrap_or(home) })
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Makes the home, and takes the lock that keeps two starters or stoppers apart. Blocks until it is free.
    pub(crate) fn lock(&self) -> Result<File, DatabaseError> {
        // Root's home must be open for traversal, or the server's user cannot get to its folder in it.
        let mode = if geteuid().is_root() { 0o755 } else { 0o700 };
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(&self.home)
            .map_err(|cause| DatabaseError::io("create folder", &self.home, cause))?;
        let path = self.home.join("pg.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|cause| DatabaseError::io("open", &path, cause))?;
        file.lock().map_err(|cause| DatabaseError::io("lock", &path, cause))?;
        Ok(file)
    }

    /// The server folder, if one has been chosen.
    pub(crate) fn server_folder(&self) -> Result<Option<PathBuf>, DatabaseError> {
        if let Some(folder) = read_pointer(&self.home.join("pg.location"))? {
            return Ok(Some(folder));
        }
        let inside = self.home.join("pg");
        Ok(inside.is_dir().then_some(inside))
    }

    /// The server folder and its user, made if need be. Call with the lock held.
    pub(crate) fn make_server_folder(&self) -> Result<(PathBuf, ServerUser), DatabaseError> {
        let folder = match self.server_folder()? {
            Some(folder) => folder,
            None => self.choose()?,
        };
        if !folder.exists() {
            // It was made before it was recorded, so it has been removed since.
            let record = self.home.join("pg.location");
            return Err(DatabaseError::Gone { record, path: folder });
        }
        let user = ServerUser::for_owner_of(&folder)?;
        if !is_private(&folder) {
            std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
                .map_err(|cause| DatabaseError::io("close to others", &folder, cause))?;
        }
        if !user.can_enter(&folder) {
            return Err(DatabaseError::Closed { path: folder, user: user.name().to_owned() });
        }
        Ok((folder, user))
    }

    fn choose(&self) -> Result<PathBuf, DatabaseError> {
        let user = ServerUser::for_new()?;
        if user.can_enter(&self.home) {
            let inside = self.home.join("pg");
            user.create_private_folder(&inside)?;
            return Ok(inside);
        }
        let hash: String = Sha256::digest(self.home.as_os_str().as_encoded_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let lasting = Path::new("/var/lib/paydirt");
        if DirBuilder::new().create(lasting).is_ok() {
            // Whatever our umask is. If it fails, the check below sees it.
            let _ = std::fs::set_permissions(lasting, std::os::unix::fs::PermissionsExt::from_mode(0o755));
        }
        let ours = std::fs::symlink_metadata(lasting).is_ok_and(|m| m.is_dir() && m.uid() == geteuid().as_raw());
        let stem = if ours && user.can_enter(lasting) {
            format!("/var/lib/paydirt/{hash}")
        } else {
            format!("/var/tmp/paydirt-{hash}")
        };
        for number in 1_u32..1000 {
            let folder = PathBuf::from(if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
            let free = DirBuilder::new().mode(0o700).create(&folder);
            match free {
                Ok(()) => {
                    user.own(&folder)?;
                    write_pointer(&self.home.join("pg.location"), &folder)?;
                    tracing::warn!(
                        home = %self.home.display(), data = %folder.display(),
                        "user {} cannot enter the paydirt home: the embedded database is kept elsewhere", user.name()
                    );
                    return Ok(folder);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(DatabaseError::io("create folder", &folder, cause)),
            }
        }
        Err(DatabaseError::io("find a free name for", stem, io::ErrorKind::AlreadyExists.into()))
    }

    /// The socket folder: `run`, or the recorded one elsewhere. `None` when none has been chosen.
    pub(crate) fn socket_folder(&self) -> Result<Option<PathBuf>, DatabaseError> {
        let Some(folder) = self.server_folder()? else { return Ok(None) };
        let inside = folder.join("run");
        if fits_socket(&inside) {
            return Ok(Some(inside));
        }
        read_pointer(&self.home.join("pg.socket"))
    }

    /// The socket folder, made if need be. Call with the lock held and no server running.
    pub(crate) fn make_socket_folder(&self, server: &Path, user: &ServerUser) -> Result<PathBuf, DatabaseError> {
        let usable = |folder: &Path| {
            is_private(folder) && std::fs::symlink_metadata(folder).is_ok_and(|m| m.uid() == user.uid())
        };
        let inside = server.join("run");
        if fits_socket(&inside) {
            if !usable(&inside) {
                user.create_private_folder(&inside)?;
            }
            return Ok(inside);
        }
        let record = self.home.join("pg.socket");
        if let Some(folder) = read_pointer(&record)?.filter(|folder| usable(folder)) {
            return Ok(folder);
        }
        let Some(parent) = temporary_folders(user).into_iter().next() else {
            return Err(DatabaseError::Closed { path: std::env::temp_dir(), user: user.name().to_owned() });
        };
        let folder = parent.join(format!("paydirt-{}", random_word()));
        // Recorded first, so that a crash leaves no folder that nobody knows.
        write_pointer(&record, &folder)?;
        user.create_private_folder(&folder)?;
        Ok(folder)
    }

    /// Removes a socket folder outside the server folder, after the server has stopped.
    pub(crate) fn forget_socket_folder(&self) -> Result<(), DatabaseError> {
        let record = self.home.join("pg.socket");
        if let Some(folder) = read_pointer(&record)? {
            // Only an empty folder goes: the server removes its socket when it stops.
            clear_socket(&folder);
            let _ = std::fs::remove_dir(&folder);
            std::fs::remove_file(&record).map_err(|cause| DatabaseError::io("remove", &record, cause))?;
        }
        Ok(())
    }
}

/// Removes what a crashed server left in its socket folder (a lock file with a number that may be anybody's now).
pub(crate) fn clear_socket(folder: &Path) {
    for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
}

fn read_pointer(file: &Path) -> Result<Option<PathBuf>, DatabaseError> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let folder = PathBuf::from(text.trim_end_matches('\n'));
            if folder.is_absolute() {
                return Ok(Some(folder));
            }
            let cause = io::Error::new(io::ErrorKind::InvalidData, "it does not hold an absolute path; remove it");
            Err(DatabaseError::io("use", file, cause))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(cause) => Err(DatabaseError::io("read", file, cause)),
    }
}

fn write_pointer(file: &Path, folder: &Path) -> Result<(), DatabaseError> {
    let new = file.with_extension("new");
    std::fs::write(&new, format!("{}\n", folder.display()))
        .and_then(|()| std::fs::rename(&new, file))
        .map_err(|cause| DatabaseError::io("write", file, cause))
}
