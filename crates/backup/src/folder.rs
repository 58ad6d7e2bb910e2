//! The folder that backups are in.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use store::Store;

use crate::file::{self, Backup, Origin};
use crate::{Error, Key};

/// What the name of a backup begins and ends with.
const NAME: (&str, &str) = ("sayso-", ".backup");
/// What the name ends with while it is being made.
const PART: &str = ".part";

/// A folder of backups. Whatever else is in it is left alone.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, which is made when the first backup is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The backups in it, newest first, and what is wrong with those that cannot be read.
    ///
    /// # Errors
    /// If the folder cannot be read. One that is not there has none.
    pub fn list(&self) -> Result<(Vec<Backup>, Vec<Error>), Error> {
        let (mut backups, mut wrong) = (Vec::new(), Vec::new());
        for path in self.files(NAME.1)? {
            match Backup::open(&path) {
                Ok(backup) => backups.push(backup),
                Err(error) => wrong.push(error),
            }
        }
        backups.sort_by_key(|backup| std::cmp::Reverse(backup.manifest.origin.created_at));
        Ok((backups, wrong))
    }

    /// Files whose names are ours and end with `end`.
    fn files(&self, end: &str) -> Result<Vec<PathBuf>, Error> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.io(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.io(error))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(NAME.0) && name.ends_with(end) {
                files.push(entry.path());
            }
        }
        Ok(files)
    }

    fn io(&self, error: std::io::Error) -> Error {
        Error::Io(self.0.clone(), error)
    }

    /// Makes a backup of `store`. It has its name only once it is whole and on the disk.
    ///
    /// # Errors
    /// Whatever stood in the way; nothing is left of it then.
    pub async fn make(
        &self,
        store: &Store,
        key: Option<&Key>,
        origin: Origin,
    ) -> Result<Backup, Error> {
        let begun = Instant::now();
        let contents = store.contents();
        let (folder, key) = (self.clone(), key.cloned());
        let made = tokio::task::spawn_blocking(move || {
            folder.prepare()?;
            // To the millisecond, and without what some file systems do not take in a name.
            let at = format!("{:.3}", origin.created_at).replace(':', "");
            let path = folder.0.join(format!("{}{at}{}", NAME.0, NAME.1));
            let part = folder.0.join(format!("{}{at}{PART}", NAME.0));
            let took = || u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let written = create(&part).and_then(|file| {
                file::write(&file, &part, contents, key.as_ref(), origin, took)?;
                fs::rename(&part, &path).map_err(|error| Error::Io(path.clone(), error))
            });
            if let Err(error) = written {
                let _ = fs::remove_file(&part);
                return Err(error);
            }
            // The name has to reach the disk as well.
            let synced = File::open(&folder.0).and_then(|folder| folder.sync_all());
            synced.map_err(|error| folder.io(error))?;
            Backup::open(&path)
        });
        made.await
            .map_err(|error| store::Error::Unavailable(error.into()))?
    }

    /// Makes the folder, for its owner alone, and removes what a program that was killed has left in it.
    fn prepare(&self) -> Result<(), Error> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0).map_err(|error| self.io(error))?;
        for part in self.files(PART)? {
            // Whoever is still writing has a lock on it, which ends with the program.
            let is_left = File::open(&part).is_ok_and(|file| file.try_lock().is_ok());
            if is_left {
                fs::remove_file(&part).map_err(|error| Error::Io(part.clone(), error))?;
            }
        }
        Ok(())
    }

    /// Removes the backups that are older than `keep` at `now`, but never the newest; which they were.
    ///
    /// # Errors
    /// If the folder cannot be read or a file not be removed.
    pub fn prune(&self, keep: SignedDuration, now: Timestamp) -> Result<Vec<PathBuf>, Error> {
        let (backups, _) = self.list()?;
        let old = backups
            .into_iter()
            .skip(1)
            .filter(|backup| now.duration_since(backup.manifest.origin.created_at) > keep);
        let mut removed = Vec::new();
        for Backup { path, .. } in old {
            fs::remove_file(&path).map_err(|error| Error::Io(path.clone(), error))?;
            removed.push(path);
        }
        Ok(removed)
    }
}

/// A new file for its owner alone, locked as long as it is open.
fn create(path: &Path) -> Result<File, Error> {
    let io = |error| Error::Io(path.to_owned(), error);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(io)?;
    file.lock().map_err(io)?;
    Ok(file)
}
