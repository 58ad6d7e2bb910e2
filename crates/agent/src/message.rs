//! What is put to a model: the conversation so far and the tools it may call.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One request to a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// The provider that answered the round before, which is tried first: a conversation stays with one while it can.
    pub stay_with: Option<String>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What we tell the model about itself.
    System(String),
    /// What the person said.
    User(String),
    /// What the model said.
    Assistant {
        /// Its words.
        text: String,
        /// The tools it called.
        calls: Vec<Call>,
    },
    /// What came of a call.
    Result {
        /// [`Call::id`].
        call_id: String,
        /// [`Call::name`].
        name: String,
        /// What the tool says.
        content: String,
    },
}

/// Something a model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// What it is called by.
    pub name: String,
    /// What it is for, in words for the model.
    pub description: String,
    /// The JSON schema of its arguments.
    pub parameters: Value,
}

/// A model's wish to have a tool run. Stored with the message, it can be sent back unchanged after a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Unlike that of any other call in the conversation, also where the provider gave none.
    pub id: String,
    /// The tool.
    pub name: String,
    /// What it is to be run with.
    pub arguments: Arguments,
    /// What else the provider said about it.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// The arguments of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arguments {
    /// An object, as it should be.
    Read(Map<String, Value>),
    /// What is no JSON object, as the model wrote it.
    Unreadable(String),
}

/// Fields of a call that we know nothing about. The provider they came from wants them back unchanged, such as Gemini's
/// `extra_content.google.thought_signature`; another would refuse them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    /// The name of the provider.
    pub provider: String,
    /// Beside `id` and `type`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub call: Map<String, Value>,
    /// Beside `name` and `arguments`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub function: Map<String, Value>,
}

impl Call {
    /// A call that no provider has said anything else about.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        arguments: Map<String, Value>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            arguments: Arguments::Read(arguments),
            extra: Extra::default(),
        }
    }
}

impl Extra {
    fn is_empty(&self) -> bool {
        self.call.is_empty() && self.function.is_empty()
    }
}

impl Request {
    /// The ids of all calls, which no further one may have.
    pub(crate) fn call_ids(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().flat_map(|message| {
            let calls = match message {
                Message::Assistant { calls, .. } => calls.as_slice(),
                _ => &[],
            };
            calls.iter().map(|call| call.id.as_str())
        })
    }
}
