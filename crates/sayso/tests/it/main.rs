//! The program as it is started: the command line on a database of its own, and the server over real sockets.

mod cli;
mod program;
mod serve;
