//! How far a credential reaches.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Change, Command, Effect, UserId};

/// Somebody else's agent, which acts for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// For whom.
    pub user: UserId,
    /// What it is called: the name of its token, or of the program it says it is.
    pub name: String,
    /// What it may do.
    pub access: Access,
}

/// What whoever shows a credential may do with its owner's tasks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Look.
    Read,
    /// Look, and propose changes, which wait for the owner.
    Propose,
    /// Look, and change what can be undone; the rest waits for the owner.
    Undoable,
    /// Look and change.
    Write,
}

/// What becomes of a command by the access of whoever asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// It is run.
    Granted,
    /// It waits for the owner.
    Proposed,
    /// It is refused.
    Denied,
}

impl Access {
    /// Its word, as it is kept and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Propose => "propose",
            Self::Undoable => "undoable",
            Self::Write => "write",
        }
    }

    /// What becomes of `command`.
    pub fn permission(self, command: &Command) -> Permission {
        match self {
            _ if command.effect() == Effect::Reads => Permission::Granted,
            Self::Read => Permission::Denied,
            Self::Propose => Permission::Proposed,
            // Its entry can be undone, but the journal may be shortened, and the settings say who is told of the tasks.
            Self::Undoable
                if matches!(command, Command::EmptyTrash(_) | Command::UpdateSettings(_)) =>
            {
                Permission::Proposed
            }
            Self::Undoable | Self::Write => Permission::Granted,
        }
    }

    /// What becomes of taking back a change of `rows`, where [`Access::permission`] grants it: who could not make
    /// a change cannot come to it by taking back its opposite either.
    pub fn permission_to_undo(self, rows: &[Change]) -> Permission {
        let waits = |change: &Change| match change {
            Change::Settings { .. } => true,
            // What came back into the trash would leave it again.
            Change::Task {
                before: None,
                after: Some(task),
            } => task.is_trashed(),
            _ => false,
        };
        if self == Self::Undoable && rows.iter().any(waits) {
            Permission::Proposed
        } else {
            Permission::Granted
        }
    }
}

/// A text that says no access.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("access is read, propose, undoable or write, not \u{201c}{0}\u{201d}")]
pub struct AccessError(String);

impl FromStr for Access {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        [Self::Read, Self::Propose, Self::Undoable, Self::Write]
            .into_iter()
            .find(|access| access.as_str() == text)
            .ok_or_else(|| AccessError(text.to_owned()))
    }
}
