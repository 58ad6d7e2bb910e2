//! Makes the backups that are due while the server runs.

use std::time::Duration;

use ::backup::{Backup, Folder};
use app::{App, BackupMade};
use jiff::{SignedDuration, Timestamp};
use store::Store;

use crate::config::Config;

use super::making;

/// How long after a failure it is tried again, if that is sooner than the next is due.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Makes a backup whenever the newest in the folder is older than `BACKUP_EVERY`, for as long as the server runs. Of
/// several copies on one Postgres, one makes it; the others see it if they share the folder.
pub(crate) async fn keep_making(config: Config, app: App, store: Store) {
    let (Some(every), Ok(Some(folder))) = (config.backup_every(), config.backups()) else {
        tracing::info!("no backups are made here; BACKUP_DIR says where they would go");
        return;
    };
    app.backups().update(|state| state.every = Some(every));
    loop {
        let now = app.clock().now();
        let wait = match make_if_due(&config, &folder, &app, &store, every).await {
            Ok(Some(newest)) => {
                app.backups().update(|state| {
                    state.last = Some(newest);
                    state.failing_since = None;
                });
                every - now.duration_since(newest.at)
            }
            // Somebody else is making it.
            Ok(None) => AGAIN,
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "no backup was made; it is tried again soon"
                );
                app.backups()
                    .update(|state| state.failing_since = state.failing_since.or(Some(now)));
                AGAIN.min(every)
            }
        };
        tokio::time::sleep(Duration::try_from(wait).unwrap_or(Duration::from_secs(1))).await;
    }
}

/// The newest backup, made now if it was due. `None` if another copy of the server is making it.
async fn make_if_due(
    config: &Config,
    folder: &Folder,
    app: &App,
    store: &Store,
    every: SignedDuration,
) -> anyhow::Result<Option<BackupMade>> {
    let newest = || anyhow::Ok(folder.list()?.0.first().map(made));
    let is_fresh = |made: &BackupMade, now: Timestamp| now.duration_since(made.at) < every;
    if let Some(newest) = newest()?.filter(|made| is_fresh(made, app.clock().now())) {
        return Ok(Some(newest));
    }
    let Some(_turn) = store.backup_turn().await? else {
        return Ok(None);
    };
    // Whoever had the turn before may have made it.
    if let Some(newest) = newest()?.filter(|made| is_fresh(made, app.clock().now())) {
        return Ok(Some(newest));
    }
    let backup = making::of(store, folder, config.backup_key()).await?;
    tracing::info!(
        file = %backup.path.display(),
        bytes = backup.bytes,
        rows = backup.manifest.tally.rows(),
        milliseconds = backup.manifest.milliseconds,
        "a backup was made"
    );
    for old in folder.prune(config.backup_keep(), app.clock().now())? {
        tracing::info!(file = %old.display(), "an old backup was removed");
    }
    Ok(Some(made(&backup)))
}

fn made(backup: &Backup) -> BackupMade {
    let milliseconds = i64::try_from(backup.manifest.milliseconds).unwrap_or(i64::MAX);
    BackupMade {
        at: backup.manifest.origin.created_at,
        took: SignedDuration::from_millis(milliseconds),
    }
}
