//! Words to meaning, as a caller sees it.

mod dates;
