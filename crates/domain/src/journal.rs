//! The journal: what changed, by whom, through which door and why; one entry per changing command, chained by hash.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    ConversationId, IdempotencyKey, MessageId, Project, ProjectId, Seq, Settings, Task, TaskId,
};

/// Who asked for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The person themselves.
    Person,
    /// A language model on the person's behalf, by its name.
    Model(String),
    /// Somebody else's agent, by the name of its token.
    Agent(String),
}

/// Whose changes are meant.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ActorKind {
    /// The person's own.
    Person,
    /// The assistant's language models'.
    Model,
    /// Other programs', agents'.
    Agent,
}

impl Actor {
    /// Whose changes its own are among.
    pub fn kind(&self) -> ActorKind {
        match self {
            Self::Person => ActorKind::Person,
            Self::Model(_) => ActorKind::Model,
            Self::Agent(_) => ActorKind::Agent,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => f.write_str("person"),
            Self::Model(name) => write!(f, "model:{name}"),
            Self::Agent(name) => write!(f, "agent:{name}"),
        }
    }
}

/// A text of the journal that is none of its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{0}\u{201d} is not a word of the journal")]
pub struct WordError(String);

impl FromStr for Actor {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        match text.split_once(':') {
            None if text == "person" => Ok(Self::Person),
            Some(("model", name)) => Ok(Self::Model(name.to_owned())),
            Some(("agent", name)) => Ok(Self::Agent(name.to_owned())),
            _ => Err(WordError(text.to_owned())),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Actor {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actor".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "`person`, `model:NAME` or `agent:NAME`." })
    }
}

/// Which way a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Door {
    /// The web page's own buttons and forms.
    Web,
    /// A message in a conversation.
    Chat,
    /// The REST API.
    Rest,
    /// The MCP server.
    Mcp,
    /// The command line.
    Cli,
    /// The server itself, keeping to what was promised.
    Upkeep,
}

impl Door {
    /// Its word in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Chat => "chat",
            Self::Rest => "rest",
            Self::Mcp => "mcp",
            Self::Cli => "cli",
            Self::Upkeep => "upkeep",
        }
    }
}

impl FromStr for Door {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let doors = [
            Self::Web,
            Self::Chat,
            Self::Rest,
            Self::Mcp,
            Self::Cli,
            Self::Upkeep,
        ];
        doors
            .into_iter()
            .find(|door| door.as_str() == text)
            .ok_or_else(|| WordError(text.to_owned()))
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who asks.
    pub actor: Actor,
    /// Through which door.
    pub door: Door,
    /// The name under which logs know the request; commands of one request share it.
    pub request_id: String,
    /// What makes a repeat of the request harmless.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The message it came from.
    pub message: Option<(ConversationId, MessageId)>,
}

impl Origin {
    /// A request of the person's own through `door`.
    pub fn person(door: Door, request_id: impl Into<String>) -> Self {
        Self {
            actor: Actor::Person,
            door,
            request_id: request_id.into(),
            idempotency_key: None,
            message: None,
        }
    }
}

/// One row before and after. Both sides are whole rows, so that either can be put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A task: new when there is no before, gone when there is no after.
    Task {
        /// The row as it was.
        before: Option<Box<Task>>,
        /// The row as it is now.
        after: Option<Box<Task>>,
    },
    /// A project, likewise.
    Project {
        /// The row as it was.
        before: Option<Box<Project>>,
        /// The row as it is now.
        after: Option<Box<Project>>,
    },
    /// The settings.
    Settings {
        /// As they were.
        before: Box<Settings>,
        /// As they are now.
        after: Box<Settings>,
    },
}

/// Names a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    /// A task.
    Task(TaskId),
    /// A project.
    Project(ProjectId),
    /// The settings, of which there is one row.
    Settings,
}

impl Change {
    /// The row it is about.
    pub fn row(&self) -> RowId {
        match self {
            Self::Task { before, after } => RowId::Task(
                after
                    .as_ref()
                    .or(before.as_ref())
                    .map_or(TaskId(0), |task| task.id),
            ),
            Self::Project { before, after } => RowId::Project(
                after
                    .as_ref()
                    .or(before.as_ref())
                    .map_or(ProjectId(0), |project| project.id),
            ),
            Self::Settings { .. } => RowId::Settings,
        }
    }
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// By whom, through which door, for which request.
    pub origin: Origin,
    /// The name of the command.
    pub action: String,
    /// Every row before and after.
    pub changes: Vec<Change>,
    /// The entry it takes back.
    pub undoes: Option<Seq>,
    /// The entry that took it back, if that still stands. The one thing of an entry that changes, and not hashed.
    pub undone_by: Option<Seq>,
    /// The hash of the entry before it.
    pub previous_hash: Hash,
    /// Its own hash.
    pub hash: Hash,
}

/// A SHA-256 of a journal entry.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let error = || WordError(text.to_owned());
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(error());
        }
        for (n, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| error())?;
        }
        Ok(Self(hash))
    }
}

impl Entry {
    /// The hash it should have when its changes are kept as `changes`. The text is hashed, not the value, so that an
    /// entry still verifies when the rows have gained fields since.
    pub fn hash_with(&self, changes: &str) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(self.previous_hash.0);
        let message = self
            .origin
            .message
            .map(|(conversation, message)| format!("{conversation}/{message}"));
        let fields = [
            self.seq.to_string(),
            self.at.as_microsecond().to_string(),
            self.origin.actor.to_string(),
            self.origin.door.as_str().to_owned(),
            self.origin.request_id.clone(),
            self.origin
                .idempotency_key
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            message.unwrap_or_default(),
            self.action.clone(),
            self.undoes.map(|seq| seq.to_string()).unwrap_or_default(),
        ];
        for field in fields.iter().map(String::as_str).chain([changes]) {
            // Lengths first, so that no two entries run together to the same bytes.
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        Hash(hasher.finalize().into())
    }

    /// Its changes as the text that is kept and hashed.
    ///
    /// # Panics
    /// Never: rows always have a JSON form.
    pub fn changes_text(&self) -> String {
        serde_json::to_string(&self.changes)
            .expect("rows are plain data, which always has a JSON form")
    }
}
