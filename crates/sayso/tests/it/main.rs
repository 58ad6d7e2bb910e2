//! The program as it is started: the command line on a database of its own, and the server over real sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod better_auth;
mod chatkit;
mod cli;
mod collector;
mod deploy;
mod documents;
mod live;
mod mcp;
mod page;
mod postgres;
mod program;
mod relay;
mod serve;
mod server;
mod telemetry;
mod tls;
