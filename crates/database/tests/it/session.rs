//! Sessions, and databases made and dropped.

use std::time::{Duration, Instant};

use database::{DatabaseError, connect, create_database, drop_database, with_database};
use test_support::{TestServer, runtime};

async fn show(client: &tokio_postgres::Client, name: &str) -> String {
    client.query_one("SELECT current_setting($1)", &[&name]).await.unwrap().get(0)
}

#[test]
fn a_session_has_our_settings_whatever_the_database_says() {
    let database = TestServer::shared().create_database();
    runtime().block_on(async {
        let client = connect(&database.config(), "first").await.unwrap();
        for setting in [
            "timezone = 'America/New_York'",
            "datestyle = 'German'",
            "bytea_output = 'escape'",
            "extra_float_digits = 0",
        ] {
            client.batch_execute(&format!("ALTER DATABASE {} SET {setting}", database.name())).await.unwrap();
        }
        let client = connect(&database.config(), "paydirt test").await.unwrap();
        for (name, value) in [
            ("timezone", "UTC"),
            ("datestyle", "ISO, YMD"),
            ("bytea_output", "hex"),
            ("extra_float_digits", "1"),
            ("client_encoding", "UTF8"),
            ("application_name", "paydirt test"),
        ] {
            assert_eq!(show(&client, name).await, value, "{name}");
        }
        let text: String =
            client.query_one("SELECT '2024-07-01 00:00:00+00'::timestamptz::text", &[]).await.unwrap().get(0);
        assert_eq!(text, "2024-07-01 00:00:00+00");
        let mut named = database.config();
        named.application_name("own name").options("-c work_mem=2MB");
        let client = connect(&named, "paydirt test").await.unwrap();
        assert_eq!(show(&client, "application_name").await, "own name");
        assert_eq!(show(&client, "work_mem").await, "2MB");
    });
}

#[test]
fn databases_are_made_and_dropped_with_any_name() {
    let config = TestServer::shared().config();
    let name = r#"odd "name" ü; DROP"#;
    runtime().block_on(async {
        create_database(&config, name).await.unwrap();
        let again = create_database(&config, name).await.unwrap_err();
        assert!(matches!(again, DatabaseError::Statement { .. }) && !again.is_unreachable());
        assert!(again.to_string().contains("already exists"), "{again}");
        let inside = with_database(&config, name);
        let client = connect(&inside, "test").await.unwrap();
        let row = client
            .query_one(
                "SELECT datname, pg_encoding_to_char(encoding), datcollate FROM pg_database \
                 WHERE datname = current_database()",
                &[],
            )
            .await
            .unwrap();
        assert_eq!([row.get::<_, &str>(0), row.get(1), row.get(2)], [name, "UTF8", "C"]);
        let used = drop_database(&config, name, false).await.unwrap_err();
        assert!(used.to_string().contains("being accessed"), "{used}");
        drop_database(&config, name, true).await.unwrap();
        drop_database(&config, name, true).await.unwrap();
        let gone = connect(&inside, "test").await.unwrap_err();
        assert!(gone.is_unreachable() && gone.to_string().contains("create the database"), "{gone}");
        for bad in ["", "x\0y", &"x".repeat(64)] {
            assert!(matches!(create_database(&config, bad).await, Err(DatabaseError::Name { .. })));
        }
    });
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut socket = tokio_postgres::Config::new();
        socket.host_path(folder.path()).user("u").dbname("d").password("hunter2");
        let mut port = tokio_postgres::Config::new();
        port.host("127.0.0.1").port(1).user("u").dbname("d").password("hunter2");
        for config in [socket, port] {
            let error = connect(&config, "test").await.unwrap_err();
            assert!(error.is_unreachable());
            let text = error.to_string();
            assert!(text.contains("host=") && text.contains("user=u") && text.contains("check that"), "{text}");
            assert!(text.contains("os error") && !text.contains("hunter2"), "{text}");
        }
    });
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(listener.local_addr().unwrap().port()).user("u");
    config.connect_timeout(Duration::from_secs(1));
    let start = Instant::now();
    let error = runtime().block_on(connect(&config, "test")).unwrap_err();
    assert!(matches!(error, DatabaseError::ConnectTimeout { .. }) && error.is_unreachable());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_lost_server_counts_as_unreachable() {
    let server = TestServer::start();
    let config = server.config();
    drop(server);
    let error = runtime().block_on(create_database(&config, "x")).unwrap_err();
    assert!(error.is_unreachable(), "{error}");
}
