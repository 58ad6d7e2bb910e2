//! What agents meet, held against the official programs: the conformance suite, and the widget in a browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;
mod fixtures;
mod widget;
