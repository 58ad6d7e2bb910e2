//! English.

pub(crate) mod dates;
