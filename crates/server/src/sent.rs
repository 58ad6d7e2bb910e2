//! A text as a browser sent it: its places are counted in UTF-16 code units there, and in bytes here.

use std::ops::Range;

use domain::{MessageText, TextError};
use serde::Deserialize;

/// A text as it was sent and as it is read, which is without the characters that nobody can see.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Sent {
    read: MessageText,
    /// Where each character of `read` is in it, in bytes, and in what was sent, in UTF-16 code units.
    places: Vec<(Range<usize>, Range<u32>)>,
}

impl TryFrom<String> for Sent {
    type Error = TextError;

    fn try_from(sent: String) -> Result<Self, TextError> {
        let read: MessageText = sent.parse()?;
        let mut places = Vec::with_capacity(read.as_str().len());
        let mut units = 0;
        let mut sent = sent.chars().map(|c| {
            let start = units;
            units += u32::from(c.len_utf16() == 2) + 1;
            (c, start..units)
        });
        for (at, c) in read.as_str().char_indices() {
            // What was left out on the way is passed over; a tab is read as a space.
            let is_it = |(sent, _): &(char, Range<u32>)| {
                *sent == c || (c == ' ' && matches!(sent, '\t' | '\r'))
            };
            if let Some((_, place)) = sent.find(is_it) {
                places.push((at..at + c.len_utf8(), place));
            }
        }
        Ok(Self { read, places })
    }
}

impl Sent {
    /// What is read.
    pub(crate) fn as_str(&self) -> &str {
        self.read.as_str()
    }

    /// What is read of what stands before this place of what was sent.
    pub(crate) fn before(&self, unit: u32) -> &str {
        let after = self.places.partition_point(|(_, place)| place.start < unit);
        let end = after
            .checked_sub(1)
            .map_or(0, |last| self.places[last].0.end);
        &self.read.as_str()[..end]
    }

    /// The bytes of what is read at these places of what was sent.
    pub(crate) fn bytes(&self, units: Range<u32>) -> Range<usize> {
        let first = self
            .places
            .partition_point(|(_, place)| place.end <= units.start);
        let after = self
            .places
            .partition_point(|(_, place)| place.start < units.end);
        match self.places.get(first..after) {
            Some([first, .., last]) => first.0.start..last.0.end,
            Some([only]) => only.0.clone(),
            Some([]) | None => 0..0,
        }
    }

    /// Where these bytes of what is read were in what was sent.
    pub(crate) fn units(&self, bytes: &Range<usize>) -> Range<u32> {
        let first = self
            .places
            .partition_point(|(place, _)| place.end <= bytes.start);
        let after = self
            .places
            .partition_point(|(place, _)| place.start < bytes.end);
        match self.places.get(first..after) {
            Some([first, .., last]) => first.1.start..last.1.end,
            Some([only]) => only.1.clone(),
            Some([]) | None => 0..0,
        }
    }
}
