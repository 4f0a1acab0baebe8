//! A proxy in front of a test server that can cut a connection after a number of bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use database::cluster::SUPERUSER;

use crate::{TestDatabase, TestServer};

/// The name PostgreSQL gives its socket: clients look for it in the folder they are told.
const SOCKET: &str = ".s.PGSQL.5432";

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// When to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The bytes that count.
    pub direction: Direction,
    /// So many pass, over all connections; the connection that carries the next one is cut both ways.
    pub after: u64,
}

/// Bytes that have passed since the proxy was last armed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// From clients.
    pub to_server: u64,
    /// From the server.
    pub to_client: u64,
}

/// A Unix socket in front of a server. It cuts one connection each time it is [armed](Self::arm), at exactly the byte
/// asked for; later connections go through.
///
/// The folder of its socket lies in the server's, and disappears with it. Drop it before the server.
#[derive(Debug)]
pub struct Proxy {
    folder: PathBuf,
    state: Arc<State>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    ended: AtomicBool,
    meter: Mutex<Meter>,
}

#[derive(Debug, Default)]
struct Meter {
    traffic: Traffic,
    cut: Option<Cut>,
}

impl State {
    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter {
    /// Counts bytes that want to pass; says how many may before the cut, which then is done.
    fn pass(&mut self, direction: Direction, bytes: usize) -> (usize, bool) {
        let passed = match direction {
            Direction::ToServer => &mut self.traffic.to_server,
            Direction::ToClient => &mut self.traffic.to_client,
        };
        let wanted = u64::try_from(bytes).unwrap_or(u64::MAX);
        match self.cut {
            Some(cut) if cut.direction == direction && *passed + wanted > cut.after => {
                let left = cut.after.saturating_sub(*passed);
                *passed += left;
                self.cut = None;
                (usize::try_from(left).unwrap_or(bytes), true)
            }
            Some(_) | None => {
                *passed += wanted;
                (bytes, false)
            }
        }
    }
}

impl Proxy {
    /// Opens a proxy that only counts, until it is armed.
    ///
    /// # Panics
    ///
    /// When there is no room for a socket.
    #[must_use]
    pub fn start(server: &TestServer) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let folder = server.folder().join(format!("p{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir(&folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
        let listener = UnixListener::bind(folder.join(SOCKET))
            .unwrap_or_else(|error| panic!("cannot listen in {}: {error}", folder.display()));
        let state = Arc::new(State::default());
        let server = server.folder().join(SOCKET);
        let listening = std::thread::spawn({
            let state = Arc::clone(&state);
            move || listen(&listener, &server, &state)
        });
        Self { folder, state, listening: Some(listening) }
    }

    /// The address of a database of the server, through the proxy.
    #[must_use]
    pub fn url(&self, database: &TestDatabase) -> String {
        format!("postgresql:///{}?host={}&user={SUPERUSER}", database.name(), self.folder.display())
    }

    /// Counts from zero, and cuts once.
    pub fn arm(&self, cut: Cut) {
        *self.state.meter() = Meter { traffic: Traffic::default(), cut: Some(cut) };
    }

    /// Counts from zero and cuts nothing. Returns whether the cut of the last [`arm`](Self::arm) was still to come.
    #[must_use = "the cut may not have happened"]
    pub fn disarm(&self) -> bool {
        std::mem::take(&mut *self.state.meter()).cut.is_some()
    }

    /// What has passed since it was last armed or disarmed.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.state.meter().traffic
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Relaxed);
        // Wakes the listener up.
        let _ = UnixStream::connect(self.folder.join(SOCKET));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn listen(listener: &UnixListener, server: &Path, state: &Arc<State>) {
    for client in listener.incoming() {
        if state.ended.load(Ordering::Relaxed) {
            return;
        }
        let Ok(client) = client else { continue };
        // A server that is not there: the client sees its connection closed.
        let Ok(upstream) = UnixStream::connect(server) else { continue };
        let pairs = [(&client, &upstream, Direction::ToServer), (&upstream, &client, Direction::ToClient)];
        for (from, to, direction) in pairs {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
            let state = Arc::clone(state);
            std::thread::spawn(move || forward(from, to, direction, &state));
        }
    }
}

/// Forwards until either side closes, or the cut.
fn forward(mut from: UnixStream, mut to: UnixStream, direction: Direction, state: &State) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let (passed, cut) = state.meter().pass(direction, read);
        if to.write_all(&buffer[..passed]).is_err() || cut {
            break;
        }
    }
    for stream in [&from, &to] {
        // Closed already is as good.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_at_the_byte_and_happens_once() {
        let mut meter =
            Meter { traffic: Traffic::default(), cut: Some(Cut { direction: Direction::ToServer, after: 10 }) };
        assert_eq!(meter.pass(Direction::ToServer, 10), (10, false));
        assert_eq!(meter.pass(Direction::ToClient, 100), (100, false));
        assert_eq!(meter.pass(Direction::ToServer, 5), (0, true));
        assert_eq!(meter.pass(Direction::ToServer, 5), (5, false));
        assert_eq!(meter.traffic, Traffic { to_server: 15, to_client: 100 });
    }

    #[test]
    fn a_session_is_cut_and_the_next_one_goes_through() {
        let server = TestServer::start();
        let database = server.create_database();
        let proxy = Proxy::start(&server);
        let config: tokio_postgres::Config = proxy.url(&database).parse().unwrap();
        crate::runtime().block_on(async {
            let client = database::connect(&config, "cut").await.unwrap();
            let before = proxy.traffic();
            assert!(before.to_server > 0 && before.to_client > 0);
            proxy.arm(Cut { direction: Direction::ToClient, after: 100 });
            let error = client.query("SELECT repeat('x', 1000)", &[]).await.unwrap_err();
            assert!(error.is_closed() || error.code().is_none(), "{error:?}");
            assert!(!proxy.disarm(), "it has been cut");
            let client = database::connect(&config, "not cut").await.unwrap();
            client.query("SELECT repeat('x', 1000)", &[]).await.unwrap();
            proxy.arm(Cut { direction: Direction::ToServer, after: 1_000_000 });
            client.query("SELECT 1", &[]).await.unwrap();
            assert!(proxy.disarm(), "that was too little");
        });
    }
}
