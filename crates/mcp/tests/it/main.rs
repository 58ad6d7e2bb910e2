//! The server held against the official conformance suite.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;
mod fixtures;
