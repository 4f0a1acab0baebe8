//! Tests of the throwaway server.

#![allow(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

use std::path::Path;
use std::time::Instant;

use test_support::{TestServer, repo_root, runtime, shared_cases};

fn exists(pid: u32) -> bool {
    // A zombie has no working folder.
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok()
}

#[test]
fn starts_fast_and_leaves_nothing() {
    // Makes the template, if this is the first run.
    drop(TestServer::start());
    let start = Instant::now();
    let server = TestServer::start();
    let up = start.elapsed();
    let (pid, folder) = (server.pid(), server.folder().to_owned());
    assert!(exists(pid));
    let start = Instant::now();
    drop(server);
    println!("start {up:?}, stop {:?}", start.elapsed());
    assert!(!exists(pid));
    assert!(!folder.exists());
    assert!(up.as_secs() < 10, "{up:?}");
}

#[test]
fn databases_are_fresh_and_dropped() {
    let server = TestServer::shared();
    let runtime = runtime();
    let start = Instant::now();
    let first = server.create_database();
    println!("create {:?}", start.elapsed());
    // Inside of a runtime too.
    let second = runtime.block_on(async { server.create_database() });
    assert_ne!(first.name(), second.name());
    let name = first.name().to_owned();
    runtime.block_on(async {
        let client = database::connect(&first.config(), "test").await.unwrap();
        client.batch_execute("CREATE TABLE t (a int)").await.unwrap();
        let other = database::connect(&second.config(), "test").await.unwrap();
        assert!(other.batch_execute("SELECT * FROM t").await.is_err());
        let url: tokio_postgres::Config = first.url().parse().unwrap();
        assert_eq!(url.get_dbname(), Some(first.name()));
        drop(first);
        let admin = database::connect(&server.config(), "test").await.unwrap();
        let left = admin.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
        assert!(left.is_empty());
    });
}

#[test]
fn settings_can_be_changed() {
    let server = TestServer::start_with(&[("autovacuum", "on")]);
    let shown: String = runtime().block_on(async {
        let client = database::connect(&server.config(), "test").await.unwrap();
        client.query_one("SHOW autovacuum", &[]).await.unwrap().get(0)
    });
    assert_eq!(shown, "on");
}

#[test]
fn a_bad_setting_panics_with_the_servers_words_and_leaves_nothing() {
    let panic = std::panic::catch_unwind(|| TestServer::start_with(&[("no_such_setting", "1")])).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("no_such_setting"), "{text}");
    let folder = text.split(" in ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(folder.starts_with('/') && !Path::new(folder).exists(), "{folder}");
}

#[test]
fn a_panicking_test_leaves_nothing() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let result = std::thread::spawn(move || {
        let server = TestServer::start();
        sender.send((server.pid(), server.folder().to_owned())).unwrap();
        panic!("on purpose");
    })
    .join();
    assert!(result.is_err());
    let (pid, folder) = receiver.recv().unwrap();
    assert!(!exists(pid));
    assert!(!folder.exists());
}

/// Not a test by itself: `a_killed_process…` and `an_exiting_process…` run it in a process of its own.
#[test]
#[ignore = "run by other tests"]
fn helper_prints_its_shared_server() {
    let server = TestServer::shared();
    println!("SERVER {} {}", server.pid(), server.folder().display());
    if std::env::var_os("HANG").is_some() {
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

#[allow(clippy::zombie_processes, reason = "the callers wait; the panic ends the test")]
fn helper(hang: bool) -> (std::process::Child, u32, std::path::PathBuf) {
    use std::io::{BufRead, BufReader};
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "helper_prints_its_shared_server", "--ignored", "--nocapture"]);
    if hang {
        command.env("HANG", "1");
    }
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    while let Some(line) = lines.next() {
        if let Some((_, rest)) = line.split_once("SERVER ") {
            let (pid, folder) = rest.split_once(' ').unwrap();
            // The pipe must stay open, or the helper fails when it prints its summary.
            std::thread::spawn(move || lines.for_each(drop));
            return (child, pid.parse().unwrap(), folder.into());
        }
    }
    panic!("the helper said nothing");
}

fn wait_for_end(pid: u32) {
    let start = Instant::now();
    while exists(pid) {
        assert!(start.elapsed().as_secs() < 20, "server {pid} still runs");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_killed_process_leaves_no_server() {
    let (mut child, pid, folder) = helper(true);
    assert!(exists(pid));
    child.kill().unwrap();
    child.wait().unwrap();
    wait_for_end(pid);
    // The folder would be swept by a later start; do it now.
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_exiting_process_leaves_neither_server_nor_folder() {
    let (mut child, pid, folder) = helper(false);
    assert!(child.wait().unwrap().success());
    assert!(!exists(pid));
    assert!(!folder.exists());
}

#[test]
fn the_repository_is_found() {
    assert!(repo_root().join("Cargo.toml").is_file());
    if let Some(cases) = shared_cases() {
        assert!(cases.is_dir());
    }
}
