//! Backups: what is in one, the folder they are in, how long they stay there.
//!
//! There is one format for both databases, so that a backup is also the way from one to the other. It holds records and
//! not pages: less is written, a restored database has no dead space and fresh indexes, and every table has a digest by
//! which two databases are told to be equal, of whichever kind they are.

mod file;
mod folder;
mod key;
mod sealed;

use std::path::PathBuf;

pub use file::{Backup, Manifest, Origin};
pub use folder::Folder;
pub use key::Key;

/// What can go wrong with a backup. Whatever it is, nothing half made stays behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file was never a backup.
    #[error("{0} is not a backup of Sayso")]
    NotOne(PathBuf),
    /// The end of the file is missing.
    #[error("{0} was cut short: its end is missing; take another backup, or copy this one again")]
    CutShort(PathBuf),
    /// The file is not what was written.
    #[error("{0} is damaged: {1}; take another backup, or copy this one again")]
    Damaged(PathBuf, String),
    /// A newer program made it.
    #[error(
        "{path} has format {found} and this program knows {known}; restore it with a newer one"
    )]
    NewerFormat {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The one that this program knows.
        known: u32,
    },
    /// An older program made it, and this one has forgotten how to read it.
    #[error(
        "{path} has format {found} and this program knows {known}; restore it with the program that made it, and upgrade then"
    )]
    OlderFormat {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The one that this program knows.
        known: u32,
    },
    /// It is encrypted.
    #[error("{0} is encrypted; say with which key by --key or BACKUP_KEY")]
    KeyNeeded(PathBuf),
    /// It is encrypted with another key.
    #[error("the key does not open {0}: it was made with another")]
    WrongKey(PathBuf),
    /// What was given is no key.
    #[error("a backup key is 32 bytes in base64; make one with `openssl rand -base64 32`")]
    BadKey,
    /// A file cannot be read or written.
    #[error("{0} cannot be read or written")]
    Io(PathBuf, #[source] std::io::Error),
    /// The database, or what was read for it.
    #[error(transparent)]
    Store(#[from] store::Error),
}
