//! The page in a browser, as `tests/page/measure.mjs` measures it.

use std::path::Path;
use std::process::Stdio;

use anyhow::ensure;
use scripted_model::{Model, Script};
use tokio::process::Command;

/// Prints its table. What is over a limit is said there, and is no error.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let model = Model::start(Script::rules(Vec::new())).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/page");
    let status = Command::new("node")
        .arg("measure.mjs")
        .current_dir(folder)
        .env("SAYSO", crate::process::binary()?)
        .env("MODEL", model.url().origin().ascii_serialization())
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .status()
        .await?;
    ensure!(
        matches!(status.code(), Some(0 | 1)),
        "the page could not be measured"
    );
    Ok(())
}
