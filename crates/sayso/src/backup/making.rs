//! Makes and lists backups.

use std::path::Path;

use ::backup::{Backup, Folder, Key, Origin};
use anyhow::Context;
use domain::Clock;
use store::Store;

use crate::config::Config;

use super::BackupArguments;

/// The folder that is named, or else the configured one.
fn folder(named: Option<&Path>, config: &Config) -> anyhow::Result<Folder> {
    match named {
        Some(path) => Ok(Folder::new(path)),
        None => config
            .backups()?
            .context("say where backups are, by --to or BACKUP_DIR"),
    }
}

/// Makes a backup of the configured database, whatever schema it has.
///
/// # Errors
/// If there is no place for it or no database, or either cannot be used.
pub(crate) async fn make(config: &Config, arguments: &BackupArguments) -> anyhow::Result<Backup> {
    let folder = folder(arguments.to.as_deref(), config)?;
    let key = super::key(arguments.key.as_deref(), config.backup_key())?;
    let store = super::moving::existing(&config.database()?).await?;
    let made = of(&store, &folder, key.as_ref()).await;
    store.close().await;
    let made = made.context("no backup was made")?;
    // A folder that was named for once may be an archive.
    if arguments.to.is_none() {
        folder.prune(config.backup_keep(), Clock::system().now())?;
    }
    Ok(made)
}

/// Makes a backup of `store`.
pub(super) async fn of(
    store: &Store,
    folder: &Folder,
    key: Option<&Key>,
) -> Result<Backup, ::backup::Error> {
    let origin = Origin {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: Some(env!("BUILD_COMMIT").to_owned()),
        backend: store.kind().to_owned(),
        created_at: Clock::system().now(),
    };
    folder.make(store, key, origin).await
}

/// The backups there are, newest first. What cannot be read is said on standard error.
///
/// # Errors
/// If there is no folder for them.
pub(crate) fn list(config: &Config, arguments: &BackupArguments) -> anyhow::Result<Vec<Backup>> {
    let (backups, wrong) = folder(arguments.to.as_deref(), config)?.list()?;
    for error in wrong {
        eprintln!("sayso: {error}");
    }
    Ok(backups)
}

/// Makes a backup of a database whose schema is about to change. Without a folder for it, somebody else has to.
///
/// # Errors
/// If it cannot be made: then nothing is changed.
pub(crate) async fn before_migration(config: &Config, store: &Store) -> anyhow::Result<()> {
    let version = store
        .schema_version()
        .await
        .context("the database cannot be read")?;
    if version == 0 || version >= Store::newest_schema_version() {
        return Ok(());
    }
    let Some(folder) = config.backups()? else {
        tracing::warn!(
            "the schema is changed without a backup of ours, because BACKUP_DIR is not set"
        );
        return Ok(());
    };
    let made = of(store, &folder, config.backup_key()).await;
    let made =
        made.context("the schema was left as it is, because no backup could be made of it first")?;
    tracing::info!(file = %made.path.display(), schema = version, "a backup was made before the schema is changed");
    Ok(())
}
