//! The password file (`PGPASSFILE`, `~/.pgpass`): `host:port:database:user:password` lines, `*` matches anything.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The password of the first matching line. As in libpq, a file others may read is ignored, with a warning.
pub(crate) fn look_up(file: &Path, keywords: &BTreeMap<String, String>) -> Option<String> {
    let metadata = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(file = %file.display(), "password file ignored: others may read it; run chmod 600 on it");
        return None;
    }
    let text = std::fs::read_to_string(file).ok()?;
    let given = |keyword: &str| keywords.get(keyword).map_or("", String::as_str);
    let user = given("user");
    let database = if given("dbname").is_empty() { user } else { given("dbname") };
    let host = match given("host").split(',').next().unwrap_or_default() {
        "/var/run/postgresql" | "/tmp" | "" => "localhost",
        host => host,
    };
    let port = match given("port").split(',').next().unwrap_or_default() {
        "" => "5432",
        port => port,
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(fields)
        .find(|line| {
            [host, port, database, user].iter().zip(line).all(|(wanted, field)| field == "*" || field == wanted)
        })
        .map(|[_, _, _, _, password]| password)
        .filter(|password| !password.is_empty())
}

fn fields(line: &str) -> Option<[String; 5]> {
    let mut fields = vec![String::new()];
    let mut chars = line.trim_end_matches('\r').chars();
    while let Some(c) = chars.next() {
        match c {
            ':' if fields.len() < 5 => fields.push(String::new()),
            '\\' => fields.last_mut()?.extend(chars.next()),
            c => fields.last_mut()?.push(c),
        }
    }
    fields.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_matching_line_wins_and_escapes_are_undone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pgpass");
        std::fs::write(&file, "# c\nother:*:*:*:no\nh:5432:d:u:a\\:b\\\\c:d\n*:*:*:*:any\n").unwrap();
        let keywords = |host: &str| {
            BTreeMap::from([("host", host), ("user", "u"), ("dbname", "d")].map(|(k, v)| (k.to_owned(), v.to_owned())))
        };
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(look_up(&file, &keywords("h")).unwrap(), "a:b\\c:d");
        assert_eq!(look_up(&file, &keywords("elsewhere")).unwrap(), "any");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(look_up(&file, &keywords("h")), None);
    }
}
