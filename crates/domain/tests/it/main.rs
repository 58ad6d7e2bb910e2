//! What a caller of the domain can rely on.

mod command;
mod decide;
mod due;
mod filter;
mod journal;
mod repeat;
mod text;
mod undo;
mod world;
