//! What the process tells of itself while it works: figures, what a request has cost, and which trace it belongs to.
//!
//! Nothing here knows where any of it goes; that is the binary's business. Nothing that a person wrote comes here either:
//! labels are names that are in the program or in its settings.

mod chain;
mod figures;
mod process;
mod trace;
mod trail;

pub use chain::chain;
pub use figures::{Backend, Figures, InFlight, Open, Pool, Release};
pub use trace::{Incoming, continued, traceparent};
pub use trail::{Trail, follow};
