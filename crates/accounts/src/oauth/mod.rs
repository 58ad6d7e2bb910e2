//! OAuth 2.1, by which agents act for users without knowing more than a token: this server is the authorization server,
//! its MCP endpoint the one resource.
//!
//! A person says yes to an agent ([`Accounts::asked`], [`Accounts::allow`]); the agent fetches tokens with the code it is
//! sent ([`Accounts::token`]); the endpoint asks who shows one ([`Accounts::guest`]). Clients are public, so all of them
//! prove with PKCE that a code was theirs.

mod agents;
mod asking;
mod documents;
mod guests;
mod parameters;
mod redirects;
mod tokens;

use std::borrow::Cow;

pub use agents::{Agent, AgentMetadata, RegisteredAgent};
pub use asking::{Asked, AskingError};
pub(crate) use documents::Documents;
pub use parameters::Parameters;
pub use redirects::Destination;
pub use tokens::Tokens;

use crate::Error;

/// The scope that lets an agent look.
pub const READ_SCOPE: &str = "tasks:read";
/// The scope that lets an agent change, as far as the person says.
pub const WRITE_SCOPE: &str = "tasks:write";

/// What a program is told that asked wrongly, in the codes of OAuth.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// It is not done.
    #[error("{description}")]
    Refused {
        /// The code, such as `invalid_grant`.
        error: &'static str,
        /// What is wrong, for whoever writes the program.
        description: Cow<'static, str>,
    },
    /// It is none of the program's fault.
    #[error(transparent)]
    Accounts(#[from] Error),
}

impl OauthError {
    fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            error,
            description: description.into(),
        }
    }

    fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }
}

impl From<store::Error> for OauthError {
    fn from(error: store::Error) -> Self {
        Self::Accounts(error.into())
    }
}

/// Whether a list of scopes asks for more than looking. Who names none wants all there are; names that are not ours
/// ask for nothing.
fn wants_changes(scope: Option<&str>) -> bool {
    scope.is_none_or(|scope| scope.split(' ').any(|name| name == WRITE_SCOPE))
}

/// The scopes of a token.
fn scope(changes: bool) -> String {
    if changes {
        format!("{READ_SCOPE} {WRITE_SCOPE}")
    } else {
        READ_SCOPE.to_owned()
    }
}
