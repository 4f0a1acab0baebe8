//! The cluster that all test servers are copied from: `initdb` takes longer than a copy and a start together.

use std::fs::File;
use std::path::{Path, PathBuf};

use database::cluster::{ServerUser, init_cluster, random_word};
use database::{Binaries, DatabaseError};

/// Changes when what is in a template changes.
const FORMAT: u32 = 1;

/// Speed over everything: the data is thrown away.
const SETTINGS: &str = "
# Test server: nothing is durable.
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
checkpoint_timeout = 1h
autovacuum = off
max_connections = 50
shared_buffers = 64MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
";

/// The template's folder, made if it is not there: under a lock, and renamed when complete.
pub(crate) fn ready(binaries: &Binaries, user: &ServerUser, parent: &Path) -> Result<PathBuf, DatabaseError> {
    let euid = rustix::process::geteuid().as_raw();
    let name = format!("paydirt-test-template-{euid}-{}-{FORMAT}", binaries.version);
    let template = parent.join(&name);
    if usable(&template, user)? {
        return Ok(template);
    }
    let lock = parent.join(format!("{name}.lock"));
    let io = |doing, cause| DatabaseError::Io { doing, path: lock.clone(), cause };
    let file =
        File::options().create(true).truncate(false).write(true).open(&lock).map_err(|cause| io("open", cause))?;
    file.lock().map_err(|cause| io("lock", cause))?;
    if usable(&template, user)? {
        return Ok(template);
    }
    // What an interrupted maker left.
    for entry in std::fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(&format!("{name}-new-")) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let new = parent.join(format!("{name}-new-{}", random_word()));
    // Small log segments: less to copy.
    init_cluster(binaries, user, &new, &["--wal-segsize=4"])?;
    let conf = new.join("postgresql.conf");
    let mut text = std::fs::read_to_string(&conf).map_err(|cause| io("read the settings beside", cause))?;
    text.push_str(SETTINGS);
    user.write_file(&conf, &text)?;
    std::fs::rename(&new, &template).map_err(|cause| io("rename the template beside", cause))?;
    // Whoever waits for this lock holds the file open and finds the template; a new file does no harm.
    let _ = std::fs::remove_file(&lock);
    Ok(template)
}

/// Copies the template, as its owner.
pub(crate) fn copy(template: &Path, user: &ServerUser, data_dir: &Path) -> std::io::Result<()> {
    let mut command = user.command("cp");
    command.arg("-Rp");
    if cfg!(target_os = "linux") {
        command.arg("--reflink=auto");
    }
    let output = command.arg(template).arg(data_dir).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Whether the template is there; somebody else's under its name is refused, not used.
fn usable(template: &Path, user: &ServerUser) -> Result<bool, DatabaseError> {
    if !template.exists() {
        return Ok(false);
    }
    let owner = ServerUser::for_owner_of(template)?;
    if owner.uid() != user.uid() {
        return Err(DatabaseError::Owner {
            path: template.to_owned(),
            owner: owner.name().to_owned(),
            expected: user.name().to_owned(),
            advice: "remove it",
        });
    }
    Ok(true)
}
