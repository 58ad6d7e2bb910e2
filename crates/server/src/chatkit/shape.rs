//! Threads, items and events as they go over the wire. What is not there is left out, never null.

use axum::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::Problem;

/// An object without anything in it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Empty {}

/// Part of a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            data: Vec::new(),
            has_more: false,
            after: None,
        }
    }
}

/// A conversation.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Thread {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) created_at: Timestamp,
    pub(super) status: Status,
    pub(super) metadata: Empty,
    pub(super) items: Page<Item>,
}

/// Whether a thread takes messages. Ours always do.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Status {
    Active,
}

/// A message of the person's, or a part of a reply.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) thread_id: String,
    pub(super) created_at: Timestamp,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum What {
    UserMessage {
        content: Vec<Said>,
        attachments: [Empty; 0],
        inference_options: Empty,
    },
    AssistantMessage {
        content: Vec<Written>,
    },
    Widget {
        widget: Value,
        /// What is copied of it.
        copy_text: String,
    },
}

impl What {
    pub(super) fn said(text: &str) -> Self {
        let text = text.to_owned();
        Self::UserMessage {
            content: vec![Said::InputText { text }],
            attachments: [],
            inference_options: Empty {},
        }
    }

    pub(super) fn written(text: &str) -> Self {
        Self::AssistantMessage {
            content: vec![Written::new(text)],
        }
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said {
    InputText { text: String },
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Written {
    OutputText {
        text: String,
        annotations: [Empty; 0],
    },
}

impl Written {
    pub(super) fn new(text: &str) -> Self {
        Self::OutputText {
            text: text.to_owned(),
            annotations: [],
        }
    }
}

/// One event of a stream.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type")]
pub(super) enum Event {
    #[serde(rename = "thread.created")]
    ThreadCreated { thread: Thread },
    #[serde(rename = "thread.item.added")]
    Added { item: Item },
    #[serde(rename = "thread.item.updated")]
    Updated { item_id: String, update: Update },
    #[serde(rename = "thread.item.done")]
    Done { item: Item },
    #[serde(rename = "thread.item.replaced")]
    Replaced { item: Item },
    #[serde(rename = "stream_options")]
    Options { stream_options: Options },
    /// A line that is shown until something else is.
    #[serde(rename = "progress_update")]
    Progress { text: String },
    /// Something that the page around may want to know.
    #[serde(rename = "client_effect")]
    Effect { name: &'static str, data: Value },
    #[serde(rename = "notice")]
    Notice {
        level: &'static str,
        message: String,
    },
    #[serde(rename = "error")]
    Error {
        code: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        allow_retry: bool,
    },
}

/// What changes in an item that is shown while it is written.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type")]
pub(super) enum Update {
    #[serde(rename = "assistant_message.content_part.added")]
    PartAdded { content_index: u8, content: Written },
    #[serde(rename = "assistant_message.content_part.text_delta")]
    TextDelta { content_index: u8, delta: String },
    #[serde(rename = "assistant_message.content_part.done")]
    PartDone { content_index: u8, content: Written },
}

/// What the person may do while a stream goes on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Options {
    pub(super) allow_cancel: bool,
}

impl Event {
    /// The event that begins every answer.
    pub(super) const OPTIONS: Self = Self::Options {
        stream_options: Options { allow_cancel: true },
    };

    /// An error in words of ours.
    pub(super) fn error(message: impl Into<String>, allow_retry: bool) -> Self {
        Self::Error {
            code: "custom",
            message: Some(message.into()),
            allow_retry,
        }
    }

    /// An error of which nothing can be told but that there was one.
    pub(super) fn broken() -> Self {
        Self::Error {
            code: "stream.error",
            message: None,
            allow_retry: true,
        }
    }

    /// A problem that comes up when a stream is already promised.
    pub(super) fn problem(problem: &Problem) -> Self {
        match problem.status().as_u16() {
            500 => Self::broken(),
            _ => Self::error(problem.detail(), false),
        }
    }

    /// That tasks have changed.
    pub(super) fn tasks_changed(reason: &str) -> Self {
        Self::Effect {
            name: "tasks.changed",
            data: serde_json::json!({ "reason": reason }),
        }
    }

    /// The event as it goes over the wire: one line and an empty one, nothing else.
    pub(super) fn frame(&self) -> Bytes {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("data: {json}\n\n").into()
    }
}
