//! Words to meaning and back, as a caller sees it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dates;
mod reading;
mod saying;
mod sentences;
mod world;
