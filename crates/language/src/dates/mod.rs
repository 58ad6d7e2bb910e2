//! Finds dates, times, lengths of time and repeats in a text.

use std::ops::Range;

use domain::{Schedule, View};

/// A date, time or repeat found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The bytes it takes up, the preposition before it included ("on friday", "by 5pm").
    pub span: Range<usize>,
    /// What it comes to.
    pub schedule: Schedule,
}

/// The dates in `text`, in their order, as somebody with `view` means them.
pub fn find(_text: &str, _view: &View) -> Vec<Found> {
    Vec::new()
}

/// What `text` means when all of it is a date, a repeat or both. `None` if it is not.
pub fn when(_text: &str, _view: &View) -> Option<Schedule> {
    None
}
