//! The embedded server.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use database::cluster::ServerUser;
use database::{DatabaseError, EmbeddedServer, StopOutcome, connect};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use test_support::runtime;

/// A home that is stopped and removed, wherever its server folder is.
struct Home {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Home {
    /// In a folder open or closed to other users.
    fn new(mode: u32, name: &str) -> Self {
        // The usual one: under a strict one even root's open homes would be closed.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        let path = folder.path().join(name);
        Self { folder, path }
    }

    fn server(&self) -> EmbeddedServer {
        EmbeddedServer::open(&self.path).unwrap()
    }

    fn elsewhere(&self) -> Option<PathBuf> {
        let text = std::fs::read_to_string(self.path.join("pg.location")).ok()?;
        Some(PathBuf::from(text.trim()))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let server = self.server();
        // On a thread and runtime of its own: the test may be inside of one.
        std::thread::spawn(move || runtime().block_on(server.stop()).unwrap()).join().unwrap();
        if let Some(folder) = self.elsewhere() {
            std::fs::remove_dir_all(folder).unwrap();
        }
        assert!(self.folder.path().exists());
    }
}

fn cwd(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn count(server: &EmbeddedServer) -> i64 {
    let config = server.ensure_started().await.unwrap();
    let client = connect(&config, "test").await.unwrap();
    client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0)
}

async fn make_table(server: &EmbeddedServer) {
    let config = server.ensure_started().await.unwrap();
    let client = connect(&config, "test").await.unwrap();
    client.batch_execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a").await.unwrap();
}

#[test]
fn started_stopped_and_started_again_it_keeps_its_data() {
    let home = Home::new(0o755, "home");
    let server = home.server();
    runtime().block_on(async {
        let before = server.status().await.unwrap();
        assert_eq!((before.pid, before.version, before.url), (None, None, None));
        assert!(matches!(server.url(), Err(DatabaseError::NotStarted { .. })));
        assert_eq!(server.stop().await.unwrap(), StopOutcome::NotRunning);
        assert!(!home.path.exists(), "looking makes nothing");

        let start = Instant::now();
        make_table(&server).await;
        println!("first start {:?}", start.elapsed());
        let status = server.status().await.unwrap();
        let (pid, data) = (status.pid.unwrap(), status.data_dir.unwrap());
        assert!(status.ready && status.version.unwrap() >= 15);
        assert_eq!(cwd(pid).unwrap(), data);
        assert_eq!(home.elsewhere(), None);
        assert_eq!(data, home.path.canonicalize().unwrap().join("pg/data"));
        for folder in [data.as_path(), data.parent().unwrap(), &status.socket_dir.unwrap()] {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
        assert!(status.log.unwrap().is_file());
        // Not root, and none of root's groups.
        let proc = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let field = |name: &str| proc.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        assert!(!field("Uid:").starts_with("0\t"), "{proc}");
        if geteuid().is_root() {
            assert_eq!(field("Groups:"), "");
        }

        // The URL works for us; and durability is on, UTC, UTF-8, tuned.
        assert_eq!(status.url.as_deref(), Some(server.url().unwrap().as_str()));
        let config: tokio_postgres::Config = server.url().unwrap().parse().unwrap();
        let client = connect(&config, "test").await.unwrap();
        for (name, value) in [
            ("fsync", "on"),
            ("timezone", "UTC"),
            ("server_encoding", "UTF8"),
            ("lc_collate", "C"),
            ("listen_addresses", ""),
            ("wal_compression", "off"),
            ("checkpoint_timeout", "15min"),
        ] {
            let shown: String = client.query_one("SELECT current_setting($1)", &[&name]).await.unwrap().get(0);
            assert_eq!(shown, value, "{name}");
        }
        drop(client);

        assert_eq!(server.stop().await.unwrap(), StopOutcome::Stopped(pid));
        assert_eq!(cwd(pid), None);
        assert_eq!(server.stop().await.unwrap(), StopOutcome::NotRunning);
        assert!(server.status().await.unwrap().pid.is_none());
        let start = Instant::now();
        assert_eq!(count(&server).await, 1000);
        println!("second start {:?}", start.elapsed());
        let start = Instant::now();
        server.ensure_started().await.unwrap();
        println!("already started {:?}", start.elapsed());
    });
}

#[test]
fn two_starters_at_once_get_one_server() {
    let home = Home::new(0o755, "home");
    // Each opens the lock file itself, as two processes would.
    let starters: Vec<_> = (0..4)
        .map(|_| {
            let server = home.server();
            std::thread::spawn(move || {
                runtime().block_on(async {
                    server.ensure_started().await.unwrap();
                    server.status().await.unwrap().pid.unwrap()
                })
            })
        })
        .collect();
    let mut pids: Vec<u32> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();
    pids.dedup();
    assert_eq!(pids.len(), 1);
}

#[test]
fn a_closed_home_is_served_from_elsewhere_for_root_and_from_inside_for_others() {
    let home = Home::new(0o700, "home");
    let server = home.server();
    runtime().block_on(make_table(&server));
    if geteuid().is_root() {
        let elsewhere = home.elsewhere().unwrap();
        assert_eq!(mode(&elsewhere), 0o700);
        assert!(ServerUser::for_new().unwrap().can_enter(&elsewhere));
        assert!(!home.path.join("pg").exists());
    } else {
        assert_eq!(home.elsewhere(), None);
        assert!(home.path.join("pg/data").is_dir());
    }
    runtime().block_on(async {
        server.stop().await.unwrap();
        assert_eq!(count(&home.server()).await, 1000);
    });
}

#[test]
fn a_folder_elsewhere_is_never_taken_over() {
    if !geteuid().is_root() {
        return;
    }
    let home = Home::new(0o700, "home");
    runtime().block_on(make_table(&home.server()));
    let first = home.elsewhere().unwrap();
    // The home is removed while its server runs; a new one at the same path is a new one.
    runtime().block_on(home.server().stop()).unwrap();
    std::fs::remove_dir_all(&home.path).unwrap();
    runtime().block_on(home.server().ensure_started()).unwrap();
    let second = home.elsewhere().unwrap();
    assert_ne!(first, second);
    std::fs::remove_dir_all(first).unwrap();
}

#[test]
fn a_lost_folder_elsewhere_is_reported_not_replaced() {
    if !geteuid().is_root() {
        return;
    }
    let home = Home::new(0o700, "home");
    runtime().block_on(home.server().ensure_started()).unwrap();
    runtime().block_on(home.server().stop()).unwrap();
    std::fs::remove_dir_all(home.elsewhere().unwrap()).unwrap();
    let error = runtime().block_on(home.server().ensure_started()).unwrap_err();
    assert!(matches!(error, DatabaseError::Gone { .. }) && error.is_unreachable());
    assert!(error.to_string().contains("pg.location"), "{error}");
    std::fs::remove_file(home.path.join("pg.location")).unwrap();
    runtime().block_on(home.server().ensure_started()).unwrap();
}

#[test]
fn after_kill_9_it_starts_again_with_its_data() {
    let home = Home::new(0o755, "home");
    let server = home.server();
    runtime().block_on(async {
        make_table(&server).await;
        let status = server.status().await.unwrap();
        let pid = status.pid.unwrap();
        kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
        let start = Instant::now();
        while cwd(pid).is_some() {
            assert!(start.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(server.status().await.unwrap().pid.is_none());
        assert_eq!(count(&server).await, 1000);
        assert_ne!(server.status().await.unwrap().pid.unwrap(), pid);
    });
}

#[test]
fn a_stale_pid_file_that_names_a_living_process_is_seen_through() {
    let home = Home::new(0o755, "home");
    let server = home.server();
    runtime().block_on(async {
        make_table(&server).await;
        let data = server.status().await.unwrap().data_dir.unwrap();
        server.stop().await.unwrap();
        // As after a restart of the machine: the number is somebody else's, who runs as the server's user.
        let user = ServerUser::for_owner_of(&data).unwrap();
        let mut other = user.command("sleep").arg("60").spawn().unwrap();
        let text =
            format!("{}\n{}\n1700000000\n5432\n{}\n\n  0 0\nready   \n", other.id(), data.display(), "/nonexistent");
        user.write_file(&data.join("postmaster.pid"), &text).unwrap();
        let run = data.parent().unwrap().join("run");
        user.write_file(&run.join(".s.PGSQL.5432.lock"), &text).unwrap();
        assert!(server.status().await.unwrap().pid.is_none());
        assert_eq!(server.stop().await.unwrap(), StopOutcome::NotRunning);
        assert!(other.try_wait().unwrap().is_none(), "stop must not hit a stranger");
        assert_eq!(count(&server).await, 1000);
        other.kill().unwrap();
        other.wait().unwrap();
    });
}

#[test]
fn a_long_or_odd_home_gets_a_short_socket_folder_that_goes_with_stop() {
    let long = "x".repeat(90);
    for name in [long.as_str(), "with space, 'quote' \"and\" $dollar ü"] {
        let home = Home::new(0o755, name);
        let server = home.server();
        runtime().block_on(async {
            make_table(&server).await;
            let socket = server.status().await.unwrap().socket_dir.unwrap();
            assert!(!socket.starts_with(&home.path) && socket.as_os_str().len() < 60, "{}", socket.display());
            assert_eq!(mode(&socket), 0o700);
            let config: tokio_postgres::Config = server.url().unwrap().parse().unwrap();
            connect(&config, "test").await.unwrap();
            server.stop().await.unwrap();
            assert!(!socket.exists());
            assert_eq!(count(&server).await, 1000);
        });
    }
}

#[test]
fn a_half_made_cluster_is_made_anew() {
    let home = Home::new(0o755, "home");
    let user = ServerUser::for_new().unwrap();
    std::fs::create_dir(&home.path).unwrap();
    std::fs::set_permissions(&home.path, PermissionsExt::from_mode(0o755)).unwrap();
    user.create_private_folder(&home.path.join("pg")).unwrap();
    let half = home.path.join("pg/data.new-0123456789");
    user.create_private_folder(&half).unwrap();
    runtime().block_on(make_table(&home.server()));
    assert!(!half.exists());
}

#[test]
fn a_cluster_of_another_version_is_not_touched() {
    let home = Home::new(0o755, "home");
    let user = ServerUser::for_new().unwrap();
    std::fs::create_dir(&home.path).unwrap();
    std::fs::set_permissions(&home.path, PermissionsExt::from_mode(0o755)).unwrap();
    user.create_private_folder(&home.path.join("pg")).unwrap();
    user.create_private_folder(&home.path.join("pg/data")).unwrap();
    user.write_file(&home.path.join("pg/data/PG_VERSION"), "99\n").unwrap();
    let error = runtime().block_on(home.server().ensure_started()).unwrap_err();
    assert!(matches!(error, DatabaseError::VersionMismatch { wanted: 99, .. }), "{error}");
    assert!(error.to_string().contains("postgresql-99") && error.is_unreachable(), "{error}");
}

#[test]
fn a_server_that_cannot_start_shows_its_log() {
    let home = Home::new(0o755, "home");
    let server = home.server();
    runtime().block_on(async {
        server.ensure_started().await.unwrap();
        let data = server.status().await.unwrap().data_dir.unwrap();
        server.stop().await.unwrap();
        let user = ServerUser::for_owner_of(&data).unwrap();
        user.write_file(&data.join("postgresql.auto.conf"), "no_such_setting = 1\n").unwrap();
        let error = server.ensure_started().await.unwrap_err();
        assert!(matches!(error, DatabaseError::Start { .. }) && error.is_unreachable());
        assert!(error.to_string().contains("no_such_setting"), "{error}");
    });
}

#[test]
fn it_outlives_the_process_that_started_it() {
    let home = Home::new(0o755, "home");
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::helper_starts_a_server", "--ignored"])
        .env("HELPER_HOME", &home.path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    runtime().block_on(async {
        let status = home.server().status().await.unwrap();
        assert!(status.pid.is_some() && status.ready);
        assert_eq!(home.server().stop().await.unwrap(), StopOutcome::Stopped(status.pid.unwrap()));
    });
}

/// Not a test by itself: `it_outlives…` runs it in a process of its own.
#[test]
#[ignore = "run by another test"]
fn helper_starts_a_server() {
    let home = PathBuf::from(std::env::var_os("HELPER_HOME").unwrap());
    runtime().block_on(EmbeddedServer::open(&home).unwrap().ensure_started()).unwrap();
}
