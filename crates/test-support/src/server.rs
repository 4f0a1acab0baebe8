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
use database::{connect, create_database, drop_database, find_binaries, quote_identifier, with_database};
use rustix::process::{Pid, Resource, Rlimit, Signal, getppid, kill_process, setrlimit};
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
    pid: AtomicU32,
    /// The thread that is the server's parent, until stopped.
    keeper: Mutex<Option<Keeper>>,
}

#[derive(Debug)]
struct Keeper {
    orders: mpsc::Sender<Order>,
    answers: mpsc::Receiver<Result<u32, String>>,
    thread: JoinHandle<()>,
    /// Held while the folder is in use, so that others do not sweep it away.
    _lock: File,
}

/// What the keeper thread is told; it answers to all but the last with the server's process.
#[derive(Debug)]
enum Order {
    /// Stop the server with this signal, and wait for more.
    Halt(Signal),
    /// Start it again; no file of it may grow beyond so many bytes.
    Start(Option<u64>),
    /// Stop it for good.
    End,
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
        let (orders, received) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        // The kernel's "parent has died" is about the thread that started the child: it must live as long.
        let thread = std::thread::spawn(move || keep(&launch, &answer, &received));
        let pid = match answers.recv() {
            Ok(Ok(pid)) => pid,
            Ok(Err(reason)) => panic!("the test server in {} did not start: {reason}", folder.display()),
            Err(_) => panic!("the test server's thread ended early"),
        };
        std::mem::forget(remove);
        let keeper = Keeper { orders, answers, thread, _lock: lock };
        Self { folder, pid: AtomicU32::new(pid), keeper: Mutex::new(Some(keeper)) }
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

    /// Ends the server in the middle of what it does, like `pg_ctl stop -m immediate`: nothing is finished, and
    /// [`start_again`](Self::start_again) recovers from the log.
    ///
    /// # Panics
    ///
    /// When the server has been stopped already.
    pub fn crash(&self) {
        self.order(Order::Halt(Signal::QUIT));
    }

    /// Stops the server in order, like `pg_ctl stop -m fast`; [`start_again`](Self::start_again) goes on.
    ///
    /// # Panics
    ///
    /// As [`crash`](Self::crash).
    pub fn shut_down(&self) {
        self.order(Order::Halt(Signal::INT));
    }

    /// Starts the server again after [`crash`](Self::crash) or [`shut_down`](Self::shut_down), with the data it had and
    /// at the same address.
    ///
    /// # Panics
    ///
    /// When it does not start, or runs.
    pub fn start_again(&self) {
        self.order(Order::Start(None));
    }

    /// The same, but no file of the server can grow beyond so many bytes: like a full disk, for whatever is larger.
    ///
    /// PostgreSQL reports a full disk (SQLSTATE 53100) where the limit is no multiple of its 8 kB pages. The limit must
    /// leave room for a segment of its log (4 MB).
    ///
    /// # Panics
    ///
    /// As [`start_again`](Self::start_again).
    pub fn start_again_with_small_files(&self, largest_file: u64) {
        self.order(Order::Start(Some(largest_file)));
    }

    fn order(&self, order: Order) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let keeper = keeper.as_ref().unwrap_or_else(|| panic!("the test server has been stopped"));
        let answer = keeper.orders.send(order).ok().and_then(|()| keeper.answers.recv().ok());
        match answer {
            Some(Ok(pid)) => self.pid.store(pid, Ordering::Relaxed),
            Some(Err(reason)) => panic!("the test server in {}: {reason}", self.folder.display()),
            None => panic!("the test server's thread ended early"),
        }
    }

    /// The server's process; another one after [`start_again`](Self::start_again).
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
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
        let server = self.config();
        let name = new_name();
        on_own_runtime(create_database(&server, &name)).unwrap_or_else(|error| panic!("{error}"));
        let url = self.url_of(&name);
        TestDatabase { server, name, url }
    }

    /// Makes a database with everything that is in another one, to which nobody may be connected.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    #[must_use]
    pub fn copy_database(&self, original: &TestDatabase) -> TestDatabase {
        let server = self.config();
        let name = new_name();
        let statement =
            format!("CREATE DATABASE {} TEMPLATE {}", quote_identifier(&name), quote_identifier(&original.name));
        on_own_runtime(async {
            let client = connect(&server, "paydirt test").await.unwrap_or_else(|error| panic!("{error}"));
            client.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        });
        let url = self.url_of(&name);
        TestDatabase { server, name, url }
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgresql:///{database}?host={}&user={SUPERUSER}", self.folder.display())
    }

    fn stop(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            let _ = keeper.orders.send(Order::End);
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

/// A name for a database that no other has.
fn new_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    format!("test_{}_{}", random_word(), NUMBER.fetch_add(1, Ordering::Relaxed))
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

/// The life of the keeper thread: start, tell, and do as told until the end.
fn keep(launch: &Launch, answers: &mpsc::Sender<Result<u32, String>>, orders: &mpsc::Receiver<Order>) {
    let mut child = None;
    let mut order = Order::Start(None);
    loop {
        let answer = match (order, child.take()) {
            (Order::End, running) => {
                if let Some(mut running) = running {
                    // Immediate shutdown: nothing is worth saving.
                    halt(&mut running, Signal::QUIT);
                }
                return;
            }
            (Order::Halt(signal), Some(mut running)) => {
                halt(&mut running, signal);
                Ok(running.id())
            }
            (Order::Halt(_), None) => Err("it does not run".to_owned()),
            (Order::Start(_), Some(running)) => {
                child = Some(running);
                Err("it runs already".to_owned())
            }
            (Order::Start(largest_file), None) => match spawn(launch, largest_file) {
                Ok(mut started) => match wait_until_ready(&mut started, &launch.folder) {
                    Ok(()) => {
                        let pid = started.id();
                        child = Some(started);
                        Ok(pid)
                    }
                    Err(reason) => {
                        halt(&mut started, Signal::QUIT);
                        Err(reason)
                    }
                },
                Err(error) => Err(format!("{} could not be run: {error}", launch.program.display())),
            },
        };
        // Errors mean that the other side is gone without a word: end as well.
        let told = answers.send(answer).is_ok();
        order = orders.recv().ok().filter(|_| told).unwrap_or(Order::End);
    }
}

fn halt(child: &mut Child, signal: Signal) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
    let _ = child.wait();
}

fn spawn(launch: &Launch, largest_file: Option<u64>) -> std::io::Result<Child> {
    let log = File::options().create(true).append(true).open(launch.folder.join("log"))?;
    let errors = log.try_clone()?;
    let mut command = launch.user.command(&launch.program);
    command.arg("-D").arg(launch.folder.join("data")).arg("-k").arg(&launch.folder);
    for setting in &launch.settings {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
    if largest_file.is_some() {
        let limit = move || Ok(setrlimit(Resource::Fsize, Rlimit { current: largest_file, maximum: largest_file })?);
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; this is a plain system call.
        unsafe { command.pre_exec(limit) };
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_crashed_has_what_was_committed_when_it_starts_again() {
        let server = TestServer::start_with(&[("synchronous_commit", "on")]);
        let database = server.create_database();
        crate::runtime().block_on(async {
            let client = database::connect(&database.config(), "before").await.unwrap();
            client.batch_execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await.unwrap();
            client.batch_execute("BEGIN; INSERT INTO t VALUES (2)").await.unwrap();
            let pid = server.pid();
            server.crash();
            assert!(client.query("SELECT 1", &[]).await.is_err());
            server.start_again();
            assert_ne!(server.pid(), pid);
            let client = database::connect(&database.config(), "after").await.unwrap();
            assert_eq!(client.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get::<_, i64>(0), 1);
        });
    }

    #[test]
    fn files_that_cannot_grow_are_a_full_disk_until_the_server_starts_without_the_limit() {
        let server = TestServer::start();
        let database = server.create_database();
        let fill = "CREATE TABLE t AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 20000)";
        server.shut_down();
        server.start_again_with_small_files((8 << 20) + 4096);
        crate::runtime().block_on(async {
            let client = database::connect(&database.config(), "full").await.unwrap();
            let error = client.batch_execute(fill).await.unwrap_err();
            assert_eq!(error.code().map(|code| code.code()), Some("53100"), "{error:?}");
        });
        server.shut_down();
        server.start_again();
        crate::runtime().block_on(async {
            let client = database::connect(&database.config(), "room").await.unwrap();
            client.batch_execute(fill).await.unwrap();
        });
    }
}
