//! TLS, against a server with a certificate made for the test.

use std::path::{Path, PathBuf};

use database::{Settings, Target, connect, resolve};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use test_support::{TestServer, runtime};
use tokio_postgres::config::SslMode;

use crate::env;

struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// An authority, a server certificate for `localhost` signed by it, and another authority that signed nothing.
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = || {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
        };
        let (ours, other) = (authority(), authority());
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
        for (name, text) in [
            ("root.crt", ours.pem()),
            ("other.crt", other.pem()),
            ("server.crt", server.pem()),
            ("server.key", key.serialize_pem()),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The server's key and certificate where the server can read them, and only it.
    fn install(&self, data: &Path) {
        let owner = database::cluster::ServerUser::for_owner_of(data).unwrap();
        for name in ["server.crt", "server.key"] {
            let text = std::fs::read_to_string(self.path(name)).unwrap();
            owner.write_file(&data.join(name), &text).unwrap();
            std::fs::set_permissions(data.join(name), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn sslmode_decides_about_encryption_and_verification() {
    let port = free_port().to_string();
    let server = TestServer::start_with(&[("listen_addresses", "localhost"), ("port", &port)]);
    let certificates = Certificates::make();
    // initdb made `reject` rules for TCP.
    let data = server.folder().join("data");
    let owner = database::cluster::ServerUser::for_owner_of(&data).unwrap();
    owner.write_file(&data.join("pg_hba.conf"), "local all all trust\nhost all all all trust\n").unwrap();
    let attempt = |host: &str, rest: &str| -> Result<bool, String> {
        let url = format!("postgresql://paydirt@{host}:{port}/postgres?{rest}");
        let settings = Settings::new(Some(url), "/nonexistent", "tls test");
        let target = resolve(&settings, &env(&[])).map_err(|error| error.to_string())?;
        let Target::Given(config, _) = target else { panic!("embedded") };
        runtime().block_on(async {
            let client = connect(&config, "tls test").await.map_err(|error| {
                assert!(error.is_unreachable(), "{error}");
                error.to_string()
            })?;
            let row = client
                .query_one(
                    "SELECT ssl, current_setting('paydirt.sslverify', true) FROM pg_stat_ssl \
                     WHERE pid = pg_backend_pid()",
                    &[],
                )
                .await
                .unwrap();
            assert_eq!(row.get::<_, Option<&str>>(1), None, "the policy was sent to the server");
            Ok(row.get(0))
        })
    };

    let mut socket = server.config();
    // On a socket sslmode means nothing.
    socket.port(port.parse().unwrap()).ssl_mode(SslMode::Require);
    let reload = |setting: &str| {
        runtime().block_on(async {
            let client = connect(&socket, "test").await.unwrap();
            client.batch_execute(&format!("ALTER SYSTEM SET {setting}")).await.unwrap();
            client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        });
    };

    // A server without TLS.
    reload("ssl = off");
    wait(|| attempt("localhost", "sslmode=prefer") == Ok(false));
    assert_eq!(attempt("localhost", "sslmode=disable"), Ok(false));
    assert!(attempt("localhost", "sslmode=require").unwrap_err().contains("does not support TLS"));

    // And with.
    certificates.install(&data);
    reload("ssl = on");
    wait(|| attempt("localhost", "sslmode=require") == Ok(true));
    assert_eq!(attempt("localhost", ""), Ok(true));
    assert_eq!(attempt("localhost", "sslmode=prefer"), Ok(true));
    assert_eq!(attempt("localhost", "sslmode=disable"), Ok(false));
    assert_eq!(attempt("127.0.0.1", "sslmode=require"), Ok(true));
    let root = format!("sslrootcert={}", certificates.path("root.crt").display());
    let other = format!("sslrootcert={}", certificates.path("other.crt").display());
    assert_eq!(attempt("localhost", &format!("sslmode=verify-ca&{root}")), Ok(true));
    assert_eq!(attempt("127.0.0.1", &format!("sslmode=verify-ca&{root}")), Ok(true));
    assert_eq!(attempt("localhost", &format!("sslmode=verify-full&{root}&options=-c%20work_mem%3D1MB")), Ok(true));
    let name = attempt("127.0.0.1", &format!("sslmode=verify-full&{root}")).unwrap_err();
    assert!(name.contains("not valid for"), "{name}");
    for mode in ["require", "verify-ca", "verify-full"] {
        let unknown = attempt("localhost", &format!("sslmode={mode}&{other}")).unwrap_err();
        assert!(unknown.contains("certificate"), "{mode}: {unknown}");
    }
    let empty = format!("sslmode=verify-full&sslrootcert={}", certificates.path("server.key").display());
    let none = attempt("localhost", &empty).unwrap_err();
    assert!(none.contains("no usable certificate"), "{none}");
}

fn wait(mut done: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !done() {
        assert!(start.elapsed().as_secs() < 20, "the server did not take its new settings");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
