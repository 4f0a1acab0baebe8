//! The throwaway server and its databases.

use std::fs::File;
use std::future::Future;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use database::cluster::{SUPERUSER, ServerUser, last_lines, random_word, temporary_folders};
use database::{create_database, drop_database, find_binaries, with_database};
use rustix::process::{Pid, Signal, getppid, kill_process};
use tokio_postgres::Config;

use crate::template;

const PREFIX: &str = "paydirt-test-";
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(2);
/// Younger folders may still be waiting for their lock.
const SWEEP_AGE: Duration = Duration::from_secs(120);

/// A private, empty, throwaway PostgreSQL server.
///
/// Dropping it stops the server and removes its folder, also when a test panics. If the process is killed, the kernel
/// ends the server, and the next [`start`](Self::start) on this machine removes the folder.
#[derive(Debug)]
pub struct TestServer {
    folder: PathBuf,
    pid: u32,
    /// The thread that is the server's parent, until stopped.
    keeper: Mutex<Option<Keeper>>,
}

#[derive(Debug)]
struct Keeper {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
    /// Held while the folder is in use, so that others do not sweep it away.
    _lock: File,
}

impl TestServer {
    /// Starts a server.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is not installed or the server does not start; the message says why.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with other settings than usual, such as `("autovacuum", "on")`.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    #[must_use]
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let binaries = find_binaries(&|name| std::env::var(name).ok()).unwrap_or_else(|error| panic!("{error}"));
        let user = ServerUser::for_new().unwrap_or_else(|error| panic!("{error}"));
        let parent = temporary_folders(&user)
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("user {} can enter neither TMPDIR nor /tmp", user.name()));
        sweep(&parent, &user);
        let template = template::ready(&binaries, &user, &parent).unwrap_or_else(|error| panic!("{error}"));
        let folder = parent.join(format!("{PREFIX}{}", random_word()));
        user.create_private_folder(&folder).unwrap_or_else(|error| panic!("{error}"));
        let remove = Remove(&folder);
        let lock = File::open(&folder)
            .and_then(|file| file.lock().map(|()| file))
            .unwrap_or_else(|error| panic!("cannot lock {}: {error}", folder.display()));
        let data = folder.join("data");
        template::copy(&template, &user, &data)
            .unwrap_or_else(|error| panic!("cannot copy {} to {}: {error}", template.display(), data.display()));
        let settings: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let launch = Launch { program: binaries.program("postgres"), user, folder: folder.clone(), settings };
        let (stop, stopped) = mpsc::channel();
        let (started, result) = mpsc::channel();
        // The kernel's "parent has died" is about the thread that started the child: it must live as long.
        let thread = std::thread::spawn(move || keep(&launch, &started, &stopped));
        let pid = match result.recv() {
            Ok(Ok(pid)) => pid,
            Ok(Err(reason)) => panic!("the test server in {} did not start: {reason}", folder.display()),
            Err(_) => panic!("the test server's thread ended early"),
        };
        std::mem::forget(remove);
        let keeper = Keeper { stop, thread, _lock: lock };
        Self { folder, pid, keeper: Mutex::new(Some(keeper)) }
    }

    /// The server of this process: started at the first call, stopped when the process exits.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    #[must_use]
    pub fn shared() -> &'static Self {
        SHARED.get_or_init(|| {
            let server = Self::start();
            // If it cannot be registered, the kernel still ends the server.
            let _ = atexit(stop_shared);
            server
        })
    }

    /// The address of the server's database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// How to connect to the server's database `postgres`, as superuser `paydirt`.
    #[must_use]
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config.host_path(&self.folder).user(SUPERUSER).dbname("postgres");
        config
    }

    /// The server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The server's folder: `data`, `log` and the socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a fresh database with a name of its own. May be called inside and outside of a Tokio runtime.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    #[must_use]
    pub fn create_database(&self) -> TestDatabase {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", random_word(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let server = self.config();
        on_own_runtime(create_database(&server, &name)).unwrap_or_else(|error| panic!("{error}"));
        let url = self.url_of(&name);
        TestDatabase { server, name, url }
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgresql:///{database}?host={}&user={SUPERUSER}", self.folder.display())
    }

    fn stop(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            let _ = keeper.stop.send(());
            let _ = keeper.thread.join();
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A database of a [`TestServer`], dropped with the value (if the server is still there).
#[derive(Debug)]
pub struct TestDatabase {
    server: Config,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Its address, for `DATABASE_URL` and `psql`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// How to connect to it.
    #[must_use]
    pub fn config(&self) -> Config {
        with_database(&self.server, &self.name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // The server may have been dropped before: then there is nothing left to drop.
        let _ = on_own_runtime(drop_database(&self.server, &self.name, true));
    }
}

static SHARED: OnceLock<TestServer> = OnceLock::new();

unsafe extern "C" {
    // SAFETY: C's atexit may be called at any time, from any thread.
    safe fn atexit(callback: extern "C" fn()) -> std::ffi::c_int;
}

extern "C" fn stop_shared() {
    if let Some(server) = SHARED.get() {
        server.stop();
    }
}

/// Removes a half-made server's folder when its start panics.
struct Remove<'a>(&'a Path);

impl Drop for Remove<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0);
    }
}

struct Launch {
    program: PathBuf,
    user: ServerUser,
    folder: PathBuf,
    settings: Vec<String>,
}

/// The life of the keeper thread: start, tell, wait for the order, stop.
fn keep(launch: &Launch, started: &mpsc::Sender<Result<u32, String>>, stopped: &mpsc::Receiver<()>) {
    let mut child = match spawn(launch) {
        Ok(child) => child,
        Err(error) => {
            let _ = started.send(Err(format!("{} could not be run: {error}", launch.program.display())));
            return;
        }
    };
    let outcome = wait_until_ready(&mut child, &launch.folder);
    let up = outcome.is_ok();
    let told = started.send(outcome.map(|()| child.id())).is_ok();
    if up && told {
        // An error means that the other side is gone without a word: stop as well.
        let _ = stopped.recv();
    }
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // Immediate shutdown: nothing is worth saving.
        let _ = kill_process(pid, Signal::QUIT);
    }
    let _ = child.wait();
}

fn spawn(launch: &Launch) -> std::io::Result<Child> {
    let log = File::create(launch.folder.join("log"))?;
    let errors = log.try_clone()?;
    let mut command = launch.user.command(&launch.program);
    command.arg("-D").arg(launch.folder.join("data")).arg("-k").arg(&launch.folder);
    for setting in &launch.settings {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
    #[cfg(target_os = "linux")]
    {
        let parent = i32::try_from(std::process::id()).ok().and_then(Pid::from_raw);
        let tie = move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::QUIT))?;
            if getppid() != parent {
                return Err(std::io::Error::other("the test has ended already"));
            }
            Ok(())
        };
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; these are two plain system calls
        // (and no allocation unless the test has ended). It runs after the change of user, which would reset it.
        unsafe { command.pre_exec(tie) };
    }
    command.spawn()
}

fn wait_until_ready(child: &mut Child, folder: &Path) -> Result<(), String> {
    let pid = child.id().to_string();
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        if lines.next() == Some(&pid) && lines.nth(6) == Some("ready") {
            return Ok(());
        }
        let ended = child.try_wait().ok().flatten();
        if ended.is_some() || start.elapsed() > START_LIMIT {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            let what = ended.map_or_else(|| "it was not ready in time".to_owned(), |status| status.to_string());
            return Err(format!("{what}\n{}", last_lines(&log, 12)));
        }
        std::thread::sleep(POLL);
    }
}

/// Removes the folders of servers whose process was killed: ours by owner, old enough, and not locked by anybody.
fn sweep(parent: &Path, user: &ServerUser) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(word) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let ours = word.len() == 10 && word.chars().all(|c| c.is_ascii_hexdigit());
        let Ok(metadata) = std::fs::symlink_metadata(entry.path()) else { continue };
        let age = metadata.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        if ours
            && metadata.is_dir()
            && metadata.uid() == user.uid()
            && age.is_some_and(|age| age > SWEEP_AGE)
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Runs a future to its end on a thread and runtime of its own: the caller may be inside of a runtime.
fn on_own_runtime<F>(future: F) -> F::Output
where
    F: Future + Send,
    F::Output: Send,
{
    std::thread::scope(|scope| {
        let work = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a Tokio runtime can be made")
                .block_on(future)
        };
        match scope.spawn(work).join() {
            Ok(output) => output,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
