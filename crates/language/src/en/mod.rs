//! English.

pub(crate) mod dates;
pub(crate) mod frames;
pub(crate) mod words;
