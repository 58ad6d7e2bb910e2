//! Words to meaning and back, as a caller sees it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod always;
mod babble;
mod capture;
mod carries;
mod dates;
mod docs;
mod languages;
mod odd;
mod prose;
mod reading;
mod saying;
mod sentences;
mod world;
