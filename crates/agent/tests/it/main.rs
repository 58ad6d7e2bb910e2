//! The client of language models against a scripted one: quirks of the format, faults, and who is asked next.

mod asking;
mod faults;
mod harness;
mod providers;
mod quirks;
