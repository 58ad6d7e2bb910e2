//! What a caller of the domain can rely on.

#![expect(clippy::unwrap_used, reason = "all of this is tests")]

mod command;
mod decide;
mod due;
mod filter;
mod journal;
mod repeat;
mod repeat_agreement;
mod repeat_zones;
mod text;
mod undo;
mod world;
