//! Names of things: small numbers counted per user, and the opaque name of a user.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was given as a number is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{0}\u{201d} is not a number; use one that a list shows, such as 3")]
pub struct IdError(String);

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let digits = text.trim().trim_start_matches('#');
                digits.parse().map(Self).map_err(|_| IdError(text.to_owned()))
            }
        }
    };
}

numbered! {
    /// A task's number: counted per user from 1, never reused.
    TaskId
}
numbered! {
    /// A project's number: counted per user from 1, never reused.
    ProjectId
}
numbered! {
    /// A conversation's number: counted per user from 1, never reused.
    ConversationId
}
numbered! {
    /// A message's place in its conversation, from 1.
    MessageId
}
numbered! {
    /// A proposal's number: counted per user from 1, never reused.
    ProposalId
}
numbered! {
    /// An entry's place in its user's journal, from 1 without gaps; 0 is "before the first".
    Seq
}

impl Seq {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Whose something is: the opaque id that accounts gave them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// The user whom authentication has recognised; nothing else may call this.
    pub fn authenticated(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
