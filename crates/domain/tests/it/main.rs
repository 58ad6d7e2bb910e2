//! What a caller of the domain can rely on.

mod filter;
mod repeat;
mod text;
