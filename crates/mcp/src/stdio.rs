//! Standard input and output, as programs on somebody's desk start a server.

use std::io;

use rmcp::{ServerHandler, ServiceExt};

/// Serves `handler` on standard input and output until the input ends. Nothing else may write to the output.
///
/// # Errors
/// What the system says, or that the client did not speak the protocol.
pub async fn serve_stdio<H: ServerHandler>(handler: H) -> io::Result<()> {
    let running = handler
        .serve(rmcp::transport::io::stdio_pipes())
        .await
        .map_err(io::Error::other)?;
    running.waiting().await.map_err(io::Error::other)?;
    Ok(())
}
