//! `sayso health`: asks a running server whether it is ready, for whatever watches over it. An image without a shell has
//! nothing else to ask with.

use std::time::Duration;

use anyhow::{Context, bail};

/// How long a server may take to be reached, and then to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the server at `origin`.
///
/// # Errors
/// If it cannot be reached or is not ready.
pub(crate) async fn health(origin: &str) -> anyhow::Result<()> {
    let answer = agent::http_client(CONNECT_TIMEOUT)?
        .get(format!("{}/readyz", origin.trim_end_matches('/')))
        .timeout(ANSWER_TIMEOUT)
        .send()
        .await
        .with_context(|| format!("{origin} does not answer"))?;
    if !answer.status().is_success() {
        bail!("{origin} is not ready: {}", answer.status());
    }
    Ok(())
}
