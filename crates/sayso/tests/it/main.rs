//! The program as it is started: the command line on a database of its own, and the server over real sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod program;
mod serve;
