//! The embedded server: a private PostgreSQL cluster under the paydirt home.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use tokio_postgres::Config;

use crate::admin::create_with;
use crate::binaries::{find_binaries, find_binaries_of};
use crate::cluster::{SUPERUSER, ServerUser, init_cluster, last_lines, not_started, outcome, random_word};
use crate::place::{Place, clear_socket};
use crate::postmaster::{Postmaster, as_pid, exists, workers, works_in};
use crate::tuning::Machine;
use crate::{Binaries, DatabaseError, connect, describe, with_database};

/// The database of the embedded server that holds paydirt's tables.
pub const EMBEDDED_DATABASE: &str = "paydirt";
/// The superuser of the embedded server.
pub const EMBEDDED_USER: &str = SUPERUSER;

/// After a crash the server first replays its log; on a big database that takes a while.
const START_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Stopping writes out everything that is in memory.
const STOP_LIMIT: Duration = Duration::from_secs(5 * 60);
/// What a crashed server's children need to notice.
const ORPHAN_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(10);
/// The log is put aside at a start when it is larger.
const LONGEST_LOG: u64 = 16 << 20;

/// A private PostgreSQL server: made from the system's programs, kept under the paydirt home, reachable through a Unix
/// socket in a 0700 folder and in no other way.
///
/// It runs on when we exit, until [`stop`](Self::stop). Root runs it as user `postgres` (or `nobody`): PostgreSQL
/// refuses to be root. Authentication is `trust`: only the server's user and root can get to the socket.
#[derive(Debug, Clone)]
pub struct EmbeddedServer {
    place: Place,
    path: Option<String>,
}

/// What [`EmbeddedServer::stop`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOutcome {
    /// The server with this process number has stopped.
    Stopped(u32),
    /// There was nothing to stop.
    NotRunning,
}

/// What is known about an embedded server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerStatus {
    /// The server's process, if it runs.
    pub pid: Option<u32>,
    /// Whether it takes connections (a server that has just been started, or repairs itself, does not).
    pub ready: bool,
    /// The major version of the cluster; `None` when there is no cluster yet.
    pub version: Option<u32>,
    /// The cluster's folder; `None` when there is no cluster yet.
    pub data_dir: Option<PathBuf>,
    /// The folder of the socket, if one has been chosen.
    pub socket_dir: Option<PathBuf>,
    /// The server's log, if it has been started.
    pub log: Option<PathBuf>,
    /// The address, as [`EmbeddedServer::url`] gives it, if it has one.
    pub url: Option<String>,
}

/// A server that is up, and the lock that keeps others from stopping it meanwhile.
struct Started {
    socket_dir: PathBuf,
    _lock: File,
}

impl EmbeddedServer {
    /// The server of a home folder. Starts nothing and makes nothing.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Io`] when the current folder, which a relative home is in, cannot be found.
    pub fn open(home: &Path) -> Result<Self, DatabaseError> {
        Ok(Self { place: Place::of(home)?, path: std::env::var("PATH").ok() })
    }

    /// The same server, looking for PostgreSQL's programs in another `PATH`.
    #[must_use]
    pub fn with_path(self, path: Option<String>) -> Self {
        Self { path, ..self }
    }

    /// The paydirt home, absolute.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.place.home()
    }

    /// Makes the cluster if there is none, starts the server if it does not run, makes the database `paydirt` if it is
    /// missing, and returns how to connect to it.
    ///
    /// Safe to call from several processes at once: a file lock lets one of them do the work. A server that crashed
    /// (or whose machine did) is started again and repairs itself.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::NoBinaries`] when PostgreSQL is not installed, [`DatabaseError::Start`] with the end of the
    /// log, and the others about folders, users and versions; all but [`DatabaseError::Io`] count as unreachable.
    pub async fn ensure_started(&self) -> Result<Config, DatabaseError> {
        let server = self.clone();
        let started = blocking(move || server.start()).await?;
        let config = configuration(&started.socket_dir);
        let maintenance = with_database(&config, "postgres");
        let client = connect(&maintenance, "paydirt").await?;
        let row = client
            .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&EMBEDDED_DATABASE])
            .await
            .map_err(|cause| DatabaseError::Statement {
                target: describe(&maintenance),
                doing: "list the databases".to_owned(),
                cause,
            })?;
        if row.is_none() {
            create_with(&client, &maintenance, EMBEDDED_DATABASE).await?;
        }
        Ok(config)
    }

    /// Stops the server: ends its sessions, writes everything out, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Stop`] when it is still there after five minutes, [`DatabaseError::Owner`] when it is somebody
    /// else's.
    pub async fn stop(&self) -> Result<StopOutcome, DatabaseError> {
        let server = self.clone();
        blocking(move || server.stop_now()).await
    }

    /// What is known about the server; starts nothing and makes nothing.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Owner`] when the server is somebody else's, [`DatabaseError::Io`] when the records in the home
    /// cannot be read.
    pub async fn status(&self) -> Result<ServerStatus, DatabaseError> {
        let server = self.clone();
        blocking(move || server.look()).await
    }

    /// The address: a URL for `psql` and for [`resolve`](crate::resolve). The server need not be running.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::NotStarted`] when the server has never been started, so that its folders are not chosen yet.
    pub fn url(&self) -> Result<String, DatabaseError> {
        let socket = match self.place.server_folder()? {
            Some(folder) => Postmaster::running(&folder.join("data")).and_then(|postmaster| postmaster.socket_dir),
            None => None,
        };
        let socket = match socket {
            Some(folder) => folder,
            None => {
                self.place.socket_folder()?.ok_or_else(|| DatabaseError::NotStarted { home: self.home().to_owned() })?
            }
        };
        Ok(url(&socket))
    }

    fn look(&self) -> Result<ServerStatus, DatabaseError> {
        let mut status = ServerStatus {
            pid: None,
            ready: false,
            version: None,
            data_dir: None,
            socket_dir: None,
            log: None,
            url: None,
        };
        let Some(folder) = self.place.server_folder()? else { return Ok(status) };
        self.refuse_strangers()?;
        let data_dir = folder.join("data");
        status.version = cluster_version(&data_dir)?;
        if status.version.is_none() {
            return Ok(status);
        }
        let running = Postmaster::running(&data_dir);
        status.pid = running.as_ref().map(|postmaster| postmaster.pid);
        status.ready = running.as_ref().is_some_and(|postmaster| postmaster.ready);
        status.socket_dir = match running.and_then(|postmaster| postmaster.socket_dir) {
            Some(folder) => Some(folder),
            None => self.place.socket_folder()?,
        };
        status.url = status.socket_dir.as_deref().map(url);
        status.log = Some(folder.join("log")).filter(|log| log.exists());
        status.data_dir = Some(data_dir);
        Ok(status)
    }

    fn start(&self) -> Result<Started, DatabaseError> {
        self.refuse_strangers()?;
        let lock = self.place.lock()?;
        // The home exists now, and may have been a link.
        let place = Place::of(self.home())?;
        let (folder, user) = place.make_server_folder()?;
        let data_dir = folder.join("data");
        let log = folder.join("log");
        if Postmaster::running(&data_dir).is_some() {
            let postmaster = wait_until_ready(&data_dir, &log, None)?;
            let socket_dir = match postmaster.socket_dir {
                Some(folder) => folder,
                None => place.make_socket_folder(&folder, &user)?,
            };
            return Ok(Started { socket_dir, _lock: lock });
        }
        let binaries = match cluster_version(&data_dir)? {
            Some(major) => find_binaries_of(self.path.as_deref(), major, &data_dir)?,
            None => {
                let path = self.path.clone();
                let binaries = find_binaries(&move |name| path.clone().filter(|_| name == "PATH"))?;
                make_cluster(&binaries, &user, &folder, &data_dir)?;
                binaries
            }
        };
        clear_after_crash(&data_dir, &log)?;
        let socket_dir = place.make_socket_folder(&folder, &user)?;
        clear_socket(&socket_dir);
        let settings = Machine::look(&folder).settings(&socket_dir.to_string_lossy());
        user.write_file(&data_dir.join("paydirt.conf"), &settings)?;
        let exit = launch(&binaries, &user, &data_dir, &log)?;
        wait_until_ready(&data_dir, &log, Some(&exit))?;
        tracing::info!(data = %data_dir.display(), version = %binaries.version, "embedded PostgreSQL started");
        Ok(Started { socket_dir, _lock: lock })
    }

    /// Says whose server it is before a file that is closed to us does, less clearly.
    fn refuse_strangers(&self) -> Result<(), DatabaseError> {
        match self.place.server_folder()? {
            Some(folder) if folder.exists() => ServerUser::for_owner_of(&folder).map(drop),
            _ => Ok(()),
        }
    }

    fn stop_now(&self) -> Result<StopOutcome, DatabaseError> {
        if !self.home().is_dir() {
            return Ok(StopOutcome::NotRunning);
        }
        self.refuse_strangers()?;
        let _lock = self.place.lock()?;
        let Some(folder) = self.place.server_folder()?.filter(|folder| folder.exists()) else {
            return Ok(StopOutcome::NotRunning);
        };
        let data_dir = folder.join("data");
        let Some(Postmaster { pid, .. }) = Postmaster::running(&data_dir) else {
            self.place.forget_socket_folder()?;
            return Ok(StopOutcome::NotRunning);
        };
        if let Some(process) = as_pid(pid) {
            // SIGINT is PostgreSQL's fast shutdown. If the process has just gone, the wait below sees it.
            match kill_process(process, Signal::INT) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(DatabaseError::io("stop the server of", &data_dir, error.into())),
            }
        }
        let start = Instant::now();
        while works_in(pid, &data_dir) {
            if start.elapsed() > STOP_LIMIT {
                let seconds = STOP_LIMIT.as_secs();
                return Err(DatabaseError::Stop { data_dir, log: folder.join("log"), pid, seconds });
            }
            std::thread::sleep(POLL);
        }
        self.place.forget_socket_folder()?;
        Ok(StopOutcome::Stopped(pid))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
) -> Result<T, DatabaseError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(DatabaseError::Task(error.to_string())))
}

fn configuration(socket_dir: &Path) -> Config {
    let mut config = Config::new();
    config.host_path(socket_dir).user(EMBEDDED_USER).dbname(EMBEDDED_DATABASE);
    config
}

/// Socket folders have plain names ([`crate::cluster::fits_socket`]): nothing to escape.
fn url(socket_dir: &Path) -> String {
    format!("postgresql:///{EMBEDDED_DATABASE}?host={}&user={EMBEDDED_USER}", socket_dir.display())
}

/// The major version in `PG_VERSION`; `None` when there is no cluster.
fn cluster_version(data_dir: &Path) -> Result<Option<u32>, DatabaseError> {
    let file = data_dir.join("PG_VERSION");
    match std::fs::read_to_string(&file) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| {
            let cause = std::io::Error::new(std::io::ErrorKind::InvalidData, "not a PostgreSQL version");
            DatabaseError::io("read", &file, cause)
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(DatabaseError::io("read", &file, cause)),
    }
}

/// Made under another name and renamed when complete: a crash leaves no half-made cluster under the real name.
fn make_cluster(binaries: &Binaries, user: &ServerUser, folder: &Path, data_dir: &Path) -> Result<(), DatabaseError> {
    tracing::info!(data = %data_dir.display(), version = %binaries.version, "making the embedded PostgreSQL cluster");
    let entries = std::fs::read_dir(folder).map_err(|cause| DatabaseError::io("list", folder, cause))?;
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with("data.new-") {
            // Left by a crash; if it cannot be removed it does no harm.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let new = folder.join(format!("data.new-{}", random_word()));
    init_cluster(binaries, user, &new, &[])?;
    let file = new.join("postgresql.conf");
    let mut text = std::fs::read_to_string(&file).map_err(|cause| DatabaseError::io("read", &file, cause))?;
    text.push_str("\n# paydirt's settings; ALTER SYSTEM overrides them\ninclude_if_exists = 'paydirt.conf'\n");
    user.write_file(&file, &text)?;
    std::fs::rename(&new, data_dir).map_err(|cause| DatabaseError::io("rename to its final name", &new, cause))
}

/// Makes sure that a stale `postmaster.pid` does not keep the server from starting.
///
/// 1. Wait for what is left of a crashed server: its children end by themselves when they notice.
/// 2. PostgreSQL itself replaces the file when its process is gone. If the number belongs to another process by now
///    (after a restart of the machine or container), or to a zombie, it would refuse: then the file is removed here,
///    which is safe as nothing works in the data folder.
fn clear_after_crash(data_dir: &Path, log: &Path) -> Result<(), DatabaseError> {
    let Some(stale) = Postmaster::read(data_dir) else { return Ok(()) };
    let start = Instant::now();
    loop {
        let left = workers(data_dir);
        if left.is_empty() {
            break;
        }
        if start.elapsed() > ORPHAN_LIMIT {
            return Err(DatabaseError::Start {
                data_dir: data_dir.to_owned(),
                log: log.to_owned(),
                reason: format!("processes of a crashed server still run there ({left:?}); end them with kill"),
                tail: String::new(),
            });
        }
        std::thread::sleep(POLL);
    }
    if exists(stale.pid) && Path::new("/proc/self/cwd").exists() {
        let file = data_dir.join("postmaster.pid");
        std::fs::remove_file(&file).map_err(|cause| DatabaseError::io("remove", &file, cause))?;
    }
    Ok(())
}

/// Starts the server in a process group of its own (a Ctrl-C is not for it), its output going to the log. The
/// receiver tells when and how it ended.
fn launch(
    binaries: &Binaries,
    user: &ServerUser,
    data_dir: &Path,
    log: &Path,
) -> Result<mpsc::Receiver<ExitStatus>, DatabaseError> {
    if std::fs::symlink_metadata(log).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
        let old = log.with_extension("old");
        std::fs::rename(log, &old).map_err(|cause| DatabaseError::io("put aside", log, cause))?;
    }
    let open = |cause| DatabaseError::io("open", log, cause);
    let no_links = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let output =
        File::options().create(true).append(true).mode(0o600).custom_flags(no_links).open(log).map_err(open)?;
    user.own(log)?;
    let errors = output.try_clone().map_err(open)?;
    let program = binaries.program("postgres");
    let mut child = user
        .command(&program)
        .arg("-D")
        .arg(data_dir)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(|cause| not_started(&program, &cause))?;
    let (sender, receiver) = mpsc::channel();
    // Waits for as long as we live, so that a server that ends before us leaves no zombie.
    let wait = move |child: &mut Child| {
        if let Ok(status) = child.wait() {
            let _ = sender.send(status);
        }
    };
    std::thread::spawn(move || wait(&mut child));
    Ok(receiver)
}

fn wait_until_ready(
    data_dir: &Path,
    log: &Path,
    exit: Option<&mpsc::Receiver<ExitStatus>>,
) -> Result<Postmaster, DatabaseError> {
    let fail = |reason: String| {
        let bytes = std::fs::read(log).unwrap_or_default();
        Err(DatabaseError::Start {
            data_dir: data_dir.to_owned(),
            log: log.to_owned(),
            reason,
            tail: last_lines(&String::from_utf8_lossy(&bytes), 12),
        })
    };
    let start = Instant::now();
    let mut told = false;
    loop {
        if let Some(status) = exit.and_then(|exit| exit.try_recv().ok()) {
            return fail(format!("it ended at once ({})", outcome(status)));
        }
        match Postmaster::running(data_dir) {
            Some(postmaster) if postmaster.ready => return Ok(postmaster),
            None if exit.is_none() => return fail("it ended while starting".to_owned()),
            _ => {}
        }
        if start.elapsed() > START_LIMIT {
            return fail(format!("not ready after {} s", START_LIMIT.as_secs()));
        }
        if !told && start.elapsed() > Duration::from_secs(5) {
            told = true;
            tracing::info!(log = %log.display(), "waiting for the embedded PostgreSQL server to be ready");
        }
        std::thread::sleep(POLL);
    }
}
