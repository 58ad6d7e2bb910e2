//! What a caller of the domain can rely on.

mod repeat;
mod text;
