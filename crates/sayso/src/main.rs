//! The binary: settings, wiring, command line.

mod backup;
mod cli;
mod config;
mod health;
mod local;
mod models;
mod relay;
mod reporting;
mod serve;

use std::process::ExitCode;

use clap::Parser;

/// Lists are built from many small allocations; this one makes them a good deal cheaper than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match config::arguments() {
        Ok(arguments) => arguments,
        Err(error) => return cli::failed(&error),
    };
    let cli = cli::Cli::parse_from(arguments);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(cli.run());
            // A backup that is half made on a thread of its own would keep the program from ending.
            runtime.shutdown_background();
            code
        }
        Err(error) => cli::failed(&error.into()),
    }
}
