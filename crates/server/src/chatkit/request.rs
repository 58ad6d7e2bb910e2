//! What a ChatKit front end asks for: one envelope, whose `type` says which operation it is.

use domain::{MessageText, Title};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::Problem;

/// A request. Fields that are not known are passed over, so that a newer front end keeps working.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "params")]
pub(super) enum Request {
    #[serde(rename = "threads.create")]
    Begin(Begin),
    #[serde(rename = "threads.add_user_message")]
    Say(Say),
    #[serde(rename = "threads.retry_after_item")]
    Retry(ItemOf),
    #[serde(rename = "threads.custom_action")]
    Act(Act),
    #[serde(rename = "threads.sync_custom_action")]
    ActAtOnce(Act),
    #[serde(rename = "threads.get_by_id")]
    Show(ThreadOf),
    #[serde(rename = "threads.list")]
    List(Paging),
    #[serde(rename = "threads.update")]
    Rename(Rename),
    #[serde(rename = "threads.delete")]
    Delete(ThreadOf),
    #[serde(rename = "items.list")]
    Items(ItemsOf),
    #[serde(rename = "items.feedback")]
    Judge(Judge),
    /// What a server may offer and this one does not. Nothing here has an attachment, a microphone or a tool of the browser's,
    /// so none of it can be meant.
    #[serde(
        rename = "attachments.create",
        alias = "attachments.delete",
        alias = "input.transcribe",
        alias = "threads.add_client_tool_output",
        alias = "threads.add_structured_input"
    )]
    NotOffered(IgnoredAny),
}

#[derive(Debug, Deserialize)]
pub(super) struct Begin {
    pub(super) input: Input,
}

#[derive(Debug, Deserialize)]
pub(super) struct Say {
    pub(super) thread_id: String,
    pub(super) input: Input,
}

#[derive(Debug, Deserialize)]
pub(super) struct ThreadOf {
    pub(super) thread_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ItemOf {
    pub(super) thread_id: String,
    pub(super) item_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rename {
    pub(super) thread_id: String,
    pub(super) title: Title,
}

#[derive(Debug, Deserialize)]
pub(super) struct ItemsOf {
    pub(super) thread_id: String,
    #[serde(flatten)]
    pub(super) paging: Paging,
}

#[derive(Debug, Deserialize)]
pub(super) struct Judge {
    pub(super) thread_id: String,
    pub(super) item_ids: Vec<String>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Positive,
    Negative,
}

/// What is done with a widget.
#[derive(Debug, Deserialize)]
pub(super) struct Act {
    pub(super) thread_id: String,
    /// The widget. The protocol lets it be left out; there is nothing to be done here without one.
    pub(super) item_id: Option<String>,
    /// Read once it is known which widget it comes from.
    pub(super) action: Value,
}

/// Which page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    limit: Option<i64>,
    #[serde(default)]
    pub(super) order: Option<Order>,
    pub(super) after: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    Asc,
    #[default]
    Desc,
}

impl Paging {
    /// How many of a list at most. Front ends ask for thousands at once.
    pub(super) fn limit(&self, most: u32) -> Result<u32, Problem> {
        match self.limit.unwrap_or(0) {
            0 => Ok(PAGE),
            limit if limit < 0 => Err(Problem::invalid("limit: it is a number above 0")),
            limit => Ok(u32::try_from(limit).unwrap_or(most).min(most)),
        }
    }
}

/// How many of a list without being told.
pub(super) const PAGE: u32 = 20;

/// What a person has written.
#[derive(Debug, Deserialize)]
pub(super) struct Input {
    content: Vec<Piece>,
    attachments: Option<Vec<IgnoredAny>>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece {
    InputText { text: String },
    InputTag { text: String },
}

impl Input {
    /// All of it in words.
    pub(super) fn words(&self) -> Result<MessageText, Problem> {
        if self.attachments.iter().any(|given| !given.is_empty()) {
            return Err(not_offered());
        }
        let piece = |piece: &Piece| match piece {
            Piece::InputText { text } | Piece::InputTag { text } => text.clone(),
        };
        let text: String = self.content.iter().map(piece).collect();
        text.parse()
            .map_err(|error| Problem::invalid(format!("input.content: {error}")))
    }
}

/// What is known and not there.
pub(super) fn not_offered() -> Problem {
    let detail =
        "this server offers no attachments, dictation, structured input or tools of the browser's";
    Problem::new(axum::http::StatusCode::BAD_REQUEST, "not-offered", detail)
}
