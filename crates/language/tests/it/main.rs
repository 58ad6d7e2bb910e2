//! Words to meaning and back, as a caller sees it.

mod dates;
mod reading;
mod saying;
