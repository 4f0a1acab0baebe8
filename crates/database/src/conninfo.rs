//! Connection strings and `PG*` variables, read as libpq reads them, turned into a [`Config`].
//!
//! 1. A string is split into keywords (both forms: `postgresql://…` and `key=value …`).
//! 2. Keywords it does not give are taken from the `PG*` variables, then from libpq's defaults, then the password
//!    from the password file.
//! 3. What `tokio_postgres` does not know (certificate verification) travels in [`Config`]'s `options`, behind a
//!    marker that [`crate::connect`] takes off again before anything is sent ([`crate::tls::Policy`]).

use std::collections::BTreeMap;
use std::path::Path;

use tokio_postgres::Config;

use crate::DatabaseError;
use crate::passfile;
use crate::tls::Policy;

pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Keyword and variable, as libpq pairs them.
const VARIABLES: [(&str, &str); 14] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("channel_binding", "PGCHANNELBINDING"),
];

/// The variables that say *which* server or database; the others only say how, and do not choose a server alone.
const CHOOSING: [&str; 6] = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"];

/// A variable that is set and not empty (libpq takes an empty one as unset).
pub(crate) fn variable(env: Env<'_>, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}

/// The names of the `PG*` variables that choose a server, if any is set.
pub(crate) fn choosing_variables(env: Env<'_>) -> Vec<&'static str> {
    CHOOSING.into_iter().filter(|name| variable(env, name).is_some()).collect()
}

/// Refuses service files, which we do not read: the user would get another server than meant.
pub(crate) fn refuse_service(env: Env<'_>) -> Result<(), DatabaseError> {
    if variable(env, "PGSERVICE").is_none() {
        return Ok(());
    }
    Err(DatabaseError::Settings {
        origin: "PGSERVICE".to_owned(),
        reason: "service files are not supported; unset it, and give the server as --database-url, DATABASE_URL or \
                 PGHOST, PGPORT, PGDATABASE, PGUSER"
            .to_owned(),
    })
}

/// Reads a connection string (may be empty: variables only) and completes it from the environment.
pub(crate) fn read(text: &str, origin: &str, env: Env<'_>) -> Result<Config, DatabaseError> {
    let refuse = |reason: String| DatabaseError::Settings { origin: origin.to_owned(), reason };
    let mut keywords = split(text).map_err(&refuse)?;
    // Addresses belong together: a variable adds no address to a host that the string names, nor the reverse.
    let (host_given, address_given) = (keywords.contains_key("host"), keywords.contains_key("hostaddr"));
    for (keyword, name) in VARIABLES {
        let elsewhere = keyword == "hostaddr" && host_given || keyword == "host" && address_given;
        if let Some(value) = variable(env, name).filter(|_| !elsewhere) {
            keywords.entry(keyword.to_owned()).or_insert(value);
        }
    }
    translate(&mut keywords).map_err(&refuse)?;
    if !keywords.contains_key("host") {
        // A name is needed to check certificates and to look up passwords; libpq takes the address too.
        let host = keywords.get("hostaddr").cloned().unwrap_or_else(default_socket_folder);
        keywords.insert("host".to_owned(), host);
    }
    if !keywords.contains_key("user")
        && let Some(user) = crate::cluster::current_user_name()
    {
        keywords.insert("user".to_owned(), user);
    }
    let file = keywords.remove("passfile");
    if !keywords.contains_key("password") {
        let file = file.or_else(|| variable(env, "HOME").map(|home| format!("{home}/.pgpass")));
        if let Some(password) = file.and_then(|file| passfile::look_up(Path::new(&file), &keywords)) {
            keywords.insert("password".to_owned(), password);
        }
    }
    let policy = Policy::take(&mut keywords, env).map_err(&refuse)?;
    let mut config: Config = render(&keywords).parse().map_err(|error| refuse(told(&error)))?;
    policy.attach(&mut config);
    Ok(config)
}

/// Brings libpq's keywords to the ones `tokio_postgres` has, and refuses what would be silently ignored.
fn translate(keywords: &mut BTreeMap<String, String>) -> Result<(), String> {
    if keywords.contains_key("service") {
        return Err("service files are not supported; write host, port, dbname and user instead".to_owned());
    }
    for (old, new) in [("fallback_application_name", "application_name"), ("keepalives_count", "keepalives_retries")] {
        if let Some(value) = keywords.remove(old) {
            keywords.entry(new.to_owned()).or_insert(value);
        }
    }
    // We always speak UTF-8.
    keywords.remove("client_encoding");
    if let Some(mode) = keywords.remove("gssencmode")
        && mode == "require"
    {
        return Err("gssencmode=require is not supported; use TLS (sslmode=require)".to_owned());
    }
    for unsupported in ["sslcert", "sslkey", "sslcrl", "sslcrldir", "sslpassword"] {
        if keywords.contains_key(unsupported) {
            return Err(format!(
                "{unsupported} is not supported (neither client certificates nor revocation lists are); remove it"
            ));
        }
    }
    for optional in ["hostaddr", "port", "host", "dbname", "user", "connect_timeout", "options"] {
        if keywords.get(optional).is_some_and(String::is_empty) {
            keywords.remove(optional);
        }
    }
    Ok(())
}

fn default_socket_folder() -> String {
    let debian = "/var/run/postgresql";
    if Path::new(debian).is_dir() { debian } else { "/tmp" }.to_owned()
}

/// The library's refusal with its cause, which names the keyword and never its value.
fn told(error: &tokio_postgres::Error) -> String {
    use std::error::Error;
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

fn render(keywords: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (keyword, value) in keywords {
        text.push_str(keyword);
        text.push_str("='");
        for c in value.chars() {
            if c == '\'' || c == '\\' {
                text.push('\\');
            }
            text.push(c);
        }
        text.push_str("' ");
    }
    text
}

/// Splits either form of connection string. Errors never quote the string: it may hold a password.
fn split(text: &str) -> Result<BTreeMap<String, String>, String> {
    let text = text.trim();
    for scheme in ["postgresql://", "postgres://"] {
        if let Some(rest) = text.strip_prefix(scheme) {
            return split_url(rest);
        }
    }
    if let Some((scheme, _)) = text.split_once("://")
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    {
        return Err(format!("scheme {scheme}:// is not known; write postgresql://user@host:port/database"));
    }
    split_pairs(text)
}

fn split_url(rest: &str) -> Result<BTreeMap<String, String>, String> {
    let mut keywords = BTreeMap::new();
    let mut put = |keyword: &str, value: String| {
        if !value.is_empty() {
            keywords.insert(keyword.to_owned(), value);
        }
    };
    let (authority_and_path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = authority_and_path.split_once('/').unwrap_or((authority_and_path, ""));
    let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    put("user", decode(user)?);
    put("password", decode(password)?);
    put("dbname", decode(path)?);
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for host in hosts.split(',') {
        let (name, port) = if let Some(inner) = host.strip_prefix('[') {
            let (name, after) = inner.split_once(']').ok_or("an IPv6 address lacks its closing ]")?;
            (name, after.strip_prefix(':').unwrap_or(after))
        } else {
            host.split_once(':').unwrap_or((host, ""))
        };
        names.push(decode(name)?);
        ports.push(decode(port)?);
    }
    if ports.iter().any(|port| !port.is_empty()) {
        put("port", ports.join(","));
    }
    if names.iter().any(|name| !name.is_empty()) {
        put("host", names.join(","));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (keyword, value) =
            pair.split_once('=').ok_or("a parameter after the ? has no value; write name=value&name=value")?;
        match (decode(keyword)?, decode(value)?) {
            (keyword, value) if keyword == "ssl" && value == "true" => put("sslmode", "require".to_owned()),
            (keyword, value) => put(&keyword, value),
        }
    }
    Ok(keywords)
}

fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (digit(), digit()) {
            (Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => return Err("a % is not followed by two hexadecimal digits; write a plain % as %25".to_owned()),
        }
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 after decoding its %XX".to_owned())
}

fn split_pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut keywords = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (keyword, after) =
            rest.split_once('=').ok_or("it is neither a postgresql:// URL nor key=value pairs (a keyword has no =)")?;
        let keyword = keyword.trim();
        if keyword.is_empty() || keyword.contains(char::is_whitespace) {
            return Err("it is neither a postgresql:// URL nor key=value pairs (a keyword has no =)".to_owned());
        }
        let after = after.trim_start();
        let (quoted, body) = after.strip_prefix('\'').map_or((false, after), |body| (true, body));
        let mut value = String::new();
        let mut end = if quoted { None } else { Some(body.len()) };
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                value.extend(chars.next().map(|(_, c)| c));
            } else if quoted && c == '\'' {
                end = Some(at + 1);
                break;
            } else if !quoted && c.is_whitespace() {
                end = Some(at);
                break;
            } else {
                value.push(c);
            }
        }
        let end = end.ok_or("a quoted value lacks its closing '")?;
        keywords.insert(keyword.to_owned(), value);
        rest = body[end..].trim_start();
    }
    Ok(keywords)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        split(text).unwrap().into_iter().collect()
    }

    fn pair(keyword: &str, value: &str) -> (String, String) {
        (keyword.to_owned(), value.to_owned())
    }

    #[test]
    fn both_forms_give_the_same_keywords() {
        let url = pairs("postgresql://al%40ice:p%3Aw@h1:1,h2/db%20x?sslmode=require&options=-c%20a%3Db");
        let text =
            pairs(r"user=al@ice password='p:w' host=h1,h2 port='1,' dbname='db x' sslmode = require options=-c\ a=b");
        assert_eq!(url, text);
    }

    #[test]
    fn urls_with_sockets_and_ipv6() {
        assert_eq!(pairs("postgres:///db?host=/var/run"), [pair("dbname", "db"), pair("host", "/var/run")]);
        assert_eq!(pairs("postgresql://%2Ftmp%2Fx/"), [pair("host", "/tmp/x")]);
        assert_eq!(pairs("postgresql://u@[::1]:6000"), [pair("host", "::1"), pair("port", "6000"), pair("user", "u")]);
        assert_eq!(pairs("postgresql://"), []);
    }

    #[test]
    fn malformed_strings_are_refused_without_being_quoted() {
        for text in [
            "mysql://u:secret@h/d",
            "secret",
            "password='secret",
            "postgresql://u:sec%zzret@h",
            "a b=secret",
            "postgresql://h/?secret",
        ] {
            let reason = split(text).unwrap_err();
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
