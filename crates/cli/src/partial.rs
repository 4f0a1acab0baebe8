//! Files that are whole or not there.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A file that takes its name when it is complete, and is removed if that does not happen.
pub(crate) struct Partial {
    pub(crate) writer: BufWriter<File>,
    path: PathBuf,
    target: PathBuf,
}

impl Partial {
    /// Refuses what is there and no file.
    pub(crate) fn create(target: &Path) -> anyhow::Result<Self> {
        // Through a link: it stays one.
        let target = target.canonicalize().unwrap_or_else(|_| target.to_owned());
        if target.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            bail!("{} is there and no file; --out - writes to stdout", target.display());
        }
        let Some(name) = target.file_name() else { bail!("{} is not the name of a file", target.display()) };
        let mut name = name.to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let path = target.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let writer = BufWriter::new(file.with_context(|| path.display().to_string())?);
        Ok(Self { writer, path, target })
    }

    /// Gives it its name.
    pub(crate) fn complete(mut self) -> anyhow::Result<()> {
        let context = || self.target.display().to_string();
        self.writer.flush().with_context(context)?;
        let context = || self.target.display().to_string();
        self.writer.get_ref().sync_all().with_context(context)?;
        std::fs::rename(&self.path, &self.target).with_context(context)
    }
}

impl Drop for Partial {
    /// After a rename there is nothing to remove.
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "could not be removed");
        }
    }
}
