//! Cuts a text into words and signs, and remembers where each stood.

use std::ops::Range;

/// A word, a number or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// In lower case, with typographic apostrophes made plain.
    pub(crate) folded: String,
    /// Its bytes in the text.
    pub(crate) span: Range<usize>,
    /// Whether it stands between quotes or after a backslash: never read as anything but itself.
    pub(crate) literal: bool,
}
