//! Settings: one struct, from flags or the environment, read once.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};

/// Settings, from flags or the environment. Each variable can also be given as the name of a file that holds the
/// value, with `_FILE` after its name.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Config {
    /// Where tasks are kept: `sqlite://PATH` or `postgres://…`; a file in your data directory without it.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// The same, under the name that Neon's integrations set.
    #[arg(long, env, global = true, hide = true, hide_env_values = true)]
    neon_database_url: Option<String>,
    /// The address to listen on.
    #[arg(long, env, global = true, default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// The port to listen on.
    #[arg(long, env, global = true, default_value_t = 8000)]
    pub(crate) port: u16,
    /// What to log: `error`, `warn`, `info`, `debug`, or a filter such as `server=debug`.
    #[arg(long, env, global = true, default_value = "info")]
    pub(crate) log_level: String,
}

/// The variables that [`Config`] reads, and the flags they stand for.
const VARIABLES: [(&str, &str); 5] = [
    ("DATABASE_URL", "--database-url"),
    ("NEON_DATABASE_URL", "--neon-database-url"),
    ("HOST", "--host"),
    ("PORT", "--port"),
    ("LOG_LEVEL", "--log-level"),
];

impl Config {
    /// Where tasks are kept.
    ///
    /// # Errors
    /// If no place is named and there is no home to keep them in.
    pub(crate) fn database(&self) -> anyhow::Result<String> {
        if let Some(url) = self
            .database_url
            .as_ref()
            .or(self.neon_database_url.as_ref())
        {
            return Ok(url.clone());
        }
        let data = std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
        let folder = data
            .context("there is no home directory; say where to keep tasks with DATABASE_URL")?
            .join("sayso");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(format!("sqlite://{}", folder.join("sayso.db").display()))
    }

    /// What is in force, without secrets.
    pub(crate) fn shown(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        Ok(vec![
            ("DATABASE_URL", without_password(&self.database()?)),
            ("HOST", self.host.to_string()),
            ("PORT", self.port.to_string()),
            ("LOG_LEVEL", self.log_level.clone()),
        ])
    }
}

/// `url` with `…` in the place of a password.
fn without_password(url: &str) -> String {
    match url
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (who, place))) => {
            let name = who.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:\u{2026}@{place}")
        }
        None => url.to_owned(),
    }
}

/// The command line, with what `…_FILE` variables hold put in as flags.
///
/// # Errors
/// A file that cannot be read, or a variable of ours that does not exist.
pub(crate) fn arguments() -> anyhow::Result<Vec<OsString>> {
    let mut given = std::env::args_os();
    let mut arguments: Vec<OsString> = given.next().into_iter().collect();
    for (variable, flag) in VARIABLES {
        if let Some(file) = std::env::var_os(format!("{variable}_FILE")) {
            let value = std::fs::read_to_string(&file).with_context(|| {
                format!(
                    "{variable}_FILE names a file that cannot be read: {}",
                    file.display()
                )
            })?;
            arguments.extend([OsString::from(flag), OsString::from(value.trim())]);
        }
    }
    if let Some((name, _)) =
        std::env::vars_os().find(|(name, _)| name.to_string_lossy().starts_with("SAYSO_"))
    {
        bail!(
            "there is no setting {}; `sayso --help` lists them",
            name.to_string_lossy()
        );
    }
    arguments.extend(given);
    Ok(arguments)
}
