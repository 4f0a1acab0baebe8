//! Which server the settings mean.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use database::{DatabaseError, Settings, Target, default_home, describe, resolve};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::env;

fn settings(url: Option<&str>) -> Settings {
    Settings::new(url.map(str::to_owned), "/nonexistent/home", "test")
}

fn given(url: Option<&str>, variables: &[(&str, &str)]) -> (Config, String) {
    match resolve(&settings(url), &env(variables)).unwrap() {
        Target::Given(config, origin) => (config, origin),
        Target::Embedded(_) => panic!("embedded"),
    }
}

fn refused(url: Option<&str>, variables: &[(&str, &str)]) -> String {
    let error = resolve(&settings(url), &env(variables)).unwrap_err();
    assert!(matches!(error, DatabaseError::Settings { .. }));
    assert!(!error.is_unreachable());
    error.to_string()
}

#[test]
fn the_option_comes_before_the_variable_before_pg_variables_before_embedded() {
    let all = [("DATABASE_URL", "postgresql://b/b"), ("PGHOST", "c")];
    let (config, origin) = given(Some("postgresql://a/a"), &all);
    assert_eq!((config.get_dbname(), origin.as_str()), (Some("a"), "--database-url"));
    let (config, origin) = given(None, &all);
    assert_eq!((config.get_dbname(), origin.as_str()), (Some("b"), "DATABASE_URL"));
    assert_eq!(config.get_hosts(), [Host::Tcp("b".to_owned())]);
    let (config, origin) = given(Some(" "), &[("DATABASE_URL", ""), ("PGHOST", "c"), ("PGPORT", "7")]);
    assert_eq!((config.get_hosts(), origin.as_str()), (&[Host::Tcp("c".to_owned())][..], "PGHOST, PGPORT"));
    let target = resolve(&settings(None), &env(&[("PGHOST", ""), ("PGSSLMODE", "require")])).unwrap();
    let Target::Embedded(server) = &target else { panic!("{target}") };
    assert_eq!(server.home(), Path::new("/nonexistent/home"));
    assert_eq!(target.to_string(), "embedded server under /nonexistent/home");
    assert!(!Path::new("/nonexistent").exists());
}

#[test]
fn every_pg_variable_is_honoured() {
    let (config, _) = given(
        None,
        &[
            ("PGHOST", "h1,h2"),
            ("PGHOSTADDR", "10.0.0.1,10.0.0.2"),
            ("PGPORT", "6000,6001"),
            ("PGDATABASE", "d"),
            ("PGUSER", "u"),
            ("PGPASSWORD", r"p'w\ x"),
            ("PGOPTIONS", "-c work_mem=1MB"),
            ("PGCONNECT_TIMEOUT", "3"),
            ("PGSSLMODE", "require"),
            ("PGAPPNAME", "app"),
        ],
    );
    assert_eq!(config.get_hosts(), [Host::Tcp("h1".to_owned()), Host::Tcp("h2".to_owned())]);
    assert_eq!(config.get_hostaddrs(), ["10.0.0.1", "10.0.0.2"].map(|a| a.parse::<IpAddr>().unwrap()));
    assert_eq!(config.get_ports(), [6000, 6001]);
    assert_eq!(config.get_dbname(), Some("d"));
    assert_eq!(config.get_user(), Some("u"));
    assert_eq!(config.get_password(), Some(&br"p'w\ x"[..]));
    assert_eq!(config.get_options(), Some("-c work_mem=1MB"));
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    assert_eq!(config.get_ssl_mode(), SslMode::Require);
    assert_eq!(config.get_application_name(), Some("app"));
    assert_eq!(describe(&config), "host=h1,h2 hostaddr=10.0.0.1,10.0.0.2 port=6000,6001 dbname=d user=u");
}

#[test]
fn variables_complete_a_url_but_do_not_contradict_it() {
    let variables = [("PGPASSWORD", "secret"), ("PGHOSTADDR", "10.0.0.9"), ("PGUSER", "other"), ("PGPORT", "7000")];
    let (config, _) = given(Some("postgresql://me@db.example/x"), &variables);
    assert_eq!(config.get_password(), Some(&b"secret"[..]));
    assert_eq!(config.get_user(), Some("me"));
    assert_eq!(config.get_ports(), [7000]);
    assert!(config.get_hostaddrs().is_empty());
}

#[test]
fn without_a_host_it_is_the_local_socket() {
    let (config, _) = given(None, &[("PGDATABASE", "d")]);
    assert!(matches!(config.get_hosts(), [Host::Unix(_)]), "{config:?}");
    assert!(config.get_user().is_some());
}

#[test]
fn a_missing_password_comes_from_the_password_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    std::fs::write(&file, "db.example:5432:d:u:from file\n").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let url = "host=db.example dbname=d user=u";
    let found = [
        given(Some(url), &[("HOME", home.path().to_str().unwrap())]),
        given(Some(url), &[("PGPASSFILE", file.to_str().unwrap())]),
    ];
    for (config, _) in found {
        assert_eq!(config.get_password(), Some(&b"from file"[..]));
    }
    let (config, _) = given(Some("host=db.example dbname=d user=u password=own"), &[("PGPASSFILE", "/nonexistent")]);
    assert_eq!(config.get_password(), Some(&b"own"[..]));
}

#[test]
fn unsupported_and_malformed_settings_say_what_to_write_instead() {
    let service = refused(None, &[("PGSERVICE", "prod"), ("PGHOST", "h")]);
    assert!(service.contains("PGSERVICE") && service.contains("DATABASE_URL"), "{service}");
    assert!(refused(Some("service=prod"), &[]).contains("service files"));
    assert!(refused(Some("mysql://h/d"), &[]).contains("postgresql://"));
    assert!(refused(None, &[("PGHOST", "h"), ("PGPORT", "many")]).contains("port"));
    assert!(refused(None, &[("DATABASE_URL", "postgresql://h/d?sslmode=maybe")]).contains("verify-full"));
    assert!(refused(Some("host=h no_such=1"), &[]).contains("no_such"));
    assert!(refused(Some("host=h sslkey=/k"), &[]).contains("client certificates"));
    let roots = refused(Some("host=h sslmode=verify-full"), &[("HOME", "/nonexistent")]);
    assert!(roots.contains("sslrootcert") && roots.contains("/nonexistent/.postgresql/root.crt"), "{roots}");
}

#[test]
fn passwords_are_never_shown() {
    let url = "postgresql://me:hunter2@db.example/x";
    let settings = settings(Some(url));
    assert!(!format!("{settings:?}").contains("hunter2"));
    let target = resolve(&settings, &env(&[])).unwrap();
    assert!(!format!("{target:?} {target}").contains("hunter2"));
    for broken in
        ["postgresql://me:hunter2@h/x?sslmode=no", "postgresql://me:hunter2@h:p/x", "password=hunter2 x", "x://hunter2"]
    {
        let text = refused(Some(broken), &[]);
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn the_home_is_a_variable_or_a_hidden_folder() {
    assert_eq!(default_home(&env(&[])), Path::new(".paydirt"));
    assert_eq!(default_home(&env(&[("PAYDIRT_HOME", "/x")])), Path::new("/x"));
}
