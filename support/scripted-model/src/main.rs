//! `scripted-model`: the scripted model, run by hand.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use scripted_model::{Model, Script};

/// An OpenAI-compatible server that answers from a script.
#[derive(Debug, Parser)]
struct Arguments {
    /// The port on the loopback address.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// Rules, as JSON; without one a few sensible answers. `examples/demo.json` shows how it is written.
    script: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let script = match &arguments.script {
        None => Script::demonstration()?,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            Script::read(&text).with_context(|| format!("{} is no script", path.display()))?
        }
    };
    let model = Model::start_on(arguments.port, script)
        .await
        .with_context(|| format!("port {} cannot be used", arguments.port))?;
    println!("{}", model.url());
    model.serve().await;
    Ok(())
}
