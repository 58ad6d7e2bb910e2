//! The local database and its owner.

use anyhow::Context;
use app::App;
use domain::Clock;
use store::Store;

use crate::config::Config;

/// The application on the configured database, its schema up to date.
///
/// # Errors
/// If the database cannot be opened or migrated.
pub(crate) async fn open(config: &Config) -> anyhow::Result<App> {
    let url = config.database()?;
    let store = Store::open(&url)
        .await
        .context("the database cannot be opened")?;
    store
        .migrate()
        .await
        .context("the database's schema cannot be brought up to date")?;
    Ok(App::new(store, Clock::system()))
}
