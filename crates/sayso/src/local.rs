//! The configured database, and what runs on it.

use std::path::PathBuf;

use accounts::Accounts;
use anyhow::Context;
use app::App;
use domain::{Clock, Door, UserId};
use store::Store;
use telemetry::Figures;

use crate::backup;
use crate::config::Config;

/// The application and the accounts on one database.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    pub(crate) app: App,
    pub(crate) accounts: Accounts,
    pub(crate) store: Store,
}

impl Local {
    /// The owner of a local database, made when there is none yet.
    pub(crate) async fn owner(&self) -> anyhow::Result<UserId> {
        let (owner, new) = self.accounts.local_owner().await?;
        if new {
            self.app
                .welcome(&owner, Door::Cli, &accounts::random_name())
                .await?;
        }
        Ok(owner)
    }
}

/// The configured database, its schema up to date, with accounts as `settings` say.
///
/// # Errors
/// If the database cannot be opened or migrated.
pub(crate) async fn open(config: &Config, settings: accounts::Settings) -> anyhow::Result<Local> {
    open_counted(config, settings, Figures::default()).await
}

/// The same, and what happens is counted in `figures`.
///
/// # Errors
/// As with [`open`].
pub(crate) async fn open_counted(
    config: &Config,
    settings: accounts::Settings,
    figures: Figures,
) -> anyhow::Result<Local> {
    let url = config.database()?;
    let store = Store::open_counted(&url, figures)
        .await
        .context("the database cannot be opened")?;
    backup::before_migration(config, &store).await?;
    store
        .migrate()
        .await
        .context("the database's schema cannot be brought up to date")?;
    let store = match &config.database_read_url {
        Some(url) => store
            .with_replica(url)
            .context("DATABASE_READ_URL is refused")?,
        None => store,
    };
    on(config, store, settings)
}

/// What runs on a database whose schema is up to date.
///
/// # Errors
/// Settings that contradict each other.
pub(crate) fn on(
    config: &Config,
    store: Store,
    settings: accounts::Settings,
) -> anyhow::Result<Local> {
    let accounts = Accounts::new(store.clone(), Clock::system(), settings)?;
    let models = config.models.models()?;
    let settings = config.models.settings()?;
    let app = App::with_models(store.clone(), Clock::system(), models, settings);
    Ok(Local {
        app,
        accounts,
        store,
    })
}

/// The file of the SQLite database at `url`. `None` if it is in memory, or no such database.
pub(crate) fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (path != ":memory:").then(|| PathBuf::from(path))
}
