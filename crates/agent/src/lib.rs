//! The language model: providers and the wire format of their OpenAI-compatible API.
//!
//! [`Models::ask`] puts one [`Request`] to the first provider that can answer it and gives the [`Answer`] back: text, and
//! calls of tools. What a tool does, and whether there is a next round, is the caller's business. Nothing here knows of
//! tasks, of the database, or of routes.
//!
//! Models and the servers in front of them keep to the format more or less. Whatever can be understood without guessing
//! is: the quirks are gathered in `events` (the stream), `assembly` (what the pieces come to) and `refusal` (what an
//! error means).

mod answer;
mod asking;
mod assembly;
mod breaker;
mod endpoint;
mod events;
mod exchange;
mod failure;
mod message;
mod models;
mod provider;
mod refusal;
mod retry_after;
mod schema;
mod settings;
mod wire;

pub use answer::{Answer, Finish, Usage};
pub use failure::{Failure, FailureKind};
pub use message::{Arguments, Call, Extra, Message, Request, Tool};
pub use models::{Models, Progress, http_client};
pub use provider::{BuildError, Key, Provider};
pub use schema::tidy;
pub use settings::Settings;
