//! `sayso backup`, `restore`, `copy` and what else goes by backups.

mod making;
mod moving;
mod schedule;

use std::path::{Path, PathBuf};

use ::backup::Key;
use anyhow::Context;
use jiff::Timestamp;

pub(crate) use making::{before_migration, list, make};
pub(crate) use moving::{Restored, copy, rehearse, restore};
pub(crate) use schedule::keep_making;

/// Where backups go and what they are encrypted with.
#[derive(Debug, clap::Args)]
pub(crate) struct BackupArguments {
    /// The folder; `BACKUP_DIR` without it.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// A file with the key; `BACKUP_KEY` without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) action: Option<BackupAction>,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum BackupAction {
    /// List the backups there are, newest first.
    List,
}

/// Which backup, and what to do with it.
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArguments {
    /// The backup.
    pub(crate) file: PathBuf,
    /// Only try it: fill a scratch database, check everything, and say how long it took.
    #[arg(long)]
    pub(crate) verify: bool,
    /// An empty database to try it in; a temporary file without it.
    #[arg(long, value_name = "URL", requires = "verify")]
    pub(crate) scratch: Option<String>,
    /// Take tasks, projects and settings back to this moment, such as `2026-11-28T13:00Z`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// A file with the key; `BACKUP_KEY` without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// From which database to which.
#[derive(Debug, clap::Args)]
pub(crate) struct CopyArguments {
    /// The database that is copied: `sqlite://PATH` or `postgres://…`.
    pub(crate) from: String,
    /// The empty database that it is copied to.
    pub(crate) to: String,
}

/// Whether to change the schema, or to try it first.
#[derive(Debug, clap::Args)]
pub(crate) struct MigrateArguments {
    /// Restore the newest backup into a scratch database, bring that one up to date and check it. Nothing else changes.
    #[arg(long)]
    pub(crate) rehearse: bool,
    /// An empty database to try it in; a temporary file without it.
    #[arg(long, value_name = "URL", requires = "rehearse")]
    pub(crate) scratch: Option<String>,
}

/// The key in a file, or else the configured one.
fn key(file: Option<&Path>, configured: Option<&Key>) -> anyhow::Result<Option<Key>> {
    let Some(file) = file else {
        return Ok(configured.cloned());
    };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let key = text.parse();
    Ok(Some(key.with_context(|| {
        format!("there is no key in {}", file.display())
    })?))
}
