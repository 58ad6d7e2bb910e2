//! Fills databases: from a backup, or from another database. What was put in is read back and compared, and every
//! journal is checked.

use std::path::{Path, PathBuf};
use std::time::Instant;

use ::backup::{Backup, Key};
use anyhow::{Context, bail, ensure};
use jiff::Timestamp;
use serde::Serialize;
use store::{Contents, Store, Tally};
use tempfile::TempDir;

use crate::config::Config;
use crate::local;

use super::{CopyArguments, MigrateArguments, RestoreArguments};

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Restored {
    /// Where it came from.
    pub(crate) from: String,
    /// What was put in, and was there when it was read back.
    #[serde(flatten)]
    pub(crate) tally: Tally,
    /// Records in all.
    pub(crate) rows: u64,
    /// The schema of the database in the end.
    pub(crate) migrated_to: i64,
    /// Users whose journals were checked.
    pub(crate) users: usize,
    /// Entries of their journals.
    pub(crate) entries: u64,
    /// Entries that were taken back, if it was to be as at an earlier moment.
    pub(crate) taken_back: Option<u64>,
    /// How long it took, checks included.
    pub(crate) milliseconds: u64,
}

/// A database to fill.
struct Target {
    store: Store,
    /// The file, if it was made for this.
    new: Option<PathBuf>,
    /// A folder that goes away with it.
    _scratch: Option<TempDir>,
}

impl Target {
    async fn open(url: &str) -> anyhow::Result<Self> {
        let new = local::sqlite_path(url).filter(|path| !path.exists());
        Ok(Self {
            store: Store::open(url)
                .await
                .context("the database cannot be opened")?,
            new,
            _scratch: None,
        })
    }

    /// An empty database for a trial: the one that is named, or a temporary one.
    async fn scratch(url: Option<&str>) -> anyhow::Result<Self> {
        if let Some(url) = url {
            return Self::open(url).await;
        }
        let folder = tempfile::tempdir().context("there is no place for a scratch database")?;
        let file = folder.path().join("scratch.db");
        Ok(Self {
            _scratch: Some(folder),
            ..Self::open(&format!("sqlite://{}", file.display())).await?
        })
    }

    /// Lets go of it. If nothing was put in and there was none before, there is none after.
    async fn close(self) {
        let is_empty = matches!(self.store.schema_version().await, Ok(0));
        self.store.close().await;
        if let Some(path) = self.new.filter(|_| is_empty) {
            drop(self.store);
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", path.display()));
            }
        }
    }
}

/// The database at `url`, which has to be there.
///
/// # Errors
/// If it is not.
pub(crate) async fn existing(url: &str) -> anyhow::Result<Store> {
    if let Some(path) = local::sqlite_path(url) {
        ensure!(path.exists(), "there is no database {}", path.display());
    }
    Store::open(url)
        .await
        .context("the database cannot be opened")
}

/// Restores a backup into the configured database, or tries whether it could be.
///
/// # Errors
/// If the backup is not whole, the database is not empty, or what is there afterwards is not what was in it.
pub(crate) async fn restore(
    config: &Config,
    arguments: &RestoreArguments,
) -> anyhow::Result<Restored> {
    let key = super::key(arguments.key.as_deref(), config.backup_key())?;
    let target = if arguments.verify {
        Target::scratch(arguments.scratch.as_deref()).await?
    } else {
        Target::open(&config.database()?).await?
    };
    let restored = fill_from(config, &arguments.file, key.as_ref(), arguments.at, &target).await;
    target.close().await;
    restored
}

/// Restores the newest backup into a scratch database and brings that one up to date.
///
/// # Errors
/// If there is no backup, or anything goes wrong with it.
pub(crate) async fn rehearse(
    config: &Config,
    arguments: &MigrateArguments,
) -> anyhow::Result<Restored> {
    let folder = config
        .backups()?
        .context("say where backups are, by BACKUP_DIR")?;
    let newest = folder.list()?.0.into_iter().next();
    let newest = newest.with_context(|| {
        format!(
            "there is no backup in {} to rehearse with; `sayso backup` makes one",
            folder.path().display()
        )
    })?;
    let target = Target::scratch(arguments.scratch.as_deref()).await?;
    let done = fill_from(config, &newest.path, config.backup_key(), None, &target).await;
    target.close().await;
    done
}

async fn fill_from(
    config: &Config,
    file: &Path,
    key: Option<&Key>,
    at: Option<Timestamp>,
    target: &Target,
) -> anyhow::Result<Restored> {
    let begun = Instant::now();
    let backup = Backup::open(file)?;
    // Before anything is touched: a key is only tried on what is whole.
    backup.check()?;
    let contents = backup.contents(key)?;
    let from = file.display().to_string();
    let Some(at) = at else {
        return fill(config, from, contents, target, begun).await;
    };
    ensure!(
        at <= backup.manifest.origin.created_at,
        "this backup is from {}; it says nothing of what came later",
        backup.manifest.origin.created_at
    );
    // What is taken back is taken back in a scratch database, so that the real one is filled all at once, or not at all.
    let scratch = Target::scratch(None).await?;
    let rewound = async {
        fill(config, from.clone(), contents, &scratch, begun).await?;
        let local = local::on(config, scratch.store.clone(), config.local_accounts()?)?;
        let mut taken_back = 0;
        for user in local.accounts.everybody().await? {
            taken_back += scratch.store.rewind(&user, at).await?;
        }
        let contents = scratch.store.contents();
        let restored = fill(config, from, contents, target, begun).await?;
        Ok(Restored {
            taken_back: Some(taken_back),
            ..restored
        })
    };
    let rewound = rewound.await;
    scratch.close().await;
    rewound
}

/// Copies a database into another.
///
/// # Errors
/// If there is none, the other is not empty, or what is there afterwards differs.
pub(crate) async fn copy(config: &Config, arguments: &CopyArguments) -> anyhow::Result<Restored> {
    let begun = Instant::now();
    let from = existing(&arguments.from).await?;
    let target = Target::open(&arguments.to).await?;
    let kind = from.kind().to_owned();
    let copied = fill(config, kind, from.contents(), &target, begun).await;
    from.close().await;
    target.close().await;
    copied
}

/// Fills a database, reads it back, brings it up to date and checks every journal.
async fn fill(
    config: &Config,
    from: String,
    contents: Contents,
    target: &Target,
    begun: Instant,
) -> anyhow::Result<Restored> {
    let store = &target.store;
    let given = store.fill(contents).await?;
    let found = store.contents().count().await?;
    if given != found {
        bail!(
            "what was put into the database is not what is there: {}",
            given.difference(&found).join(", ")
        );
    }
    store
        .migrate()
        .await
        .context("everything is in the database, but its schema cannot be brought up to date")?;
    let local = local::on(config, store.clone(), config.local_accounts()?)?;
    let everybody = local.accounts.everybody().await?;
    let audits = local.app.audit(&everybody).await?;
    if let Some((user, problem)) = audits
        .iter()
        .find_map(|audit| Some((&audit.user, audit.problem.as_ref()?)))
    {
        bail!(
            "everything is in the database, but the journal of {user} does not verify: {problem}"
        );
    }
    Ok(Restored {
        from,
        rows: found.rows(),
        tally: found,
        migrated_to: Store::newest_schema_version(),
        users: audits.len(),
        entries: audits.iter().map(|audit| audit.entries).sum(),
        taken_back: None,
        milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}
