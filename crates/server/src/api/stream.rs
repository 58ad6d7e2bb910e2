//! A reply as server-sent events, read from its record: whoever comes later, or to another copy, reads on where they were.
//!
//! Nothing is queued for a reader. Each has a position in the reply, and is given what is beyond it when it can take more;
//! a slow one holds up nobody and fills no memory.

use std::convert::Infallible;

use app::{Block, End, Place, Reply};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{MessageId, UserId};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::sse::{self, HEARTBEAT, STILL_HERE, frame};
use crate::{Problem, Server};

/// How far a conversation has been read: to which reply, so many of its blocks, and so many bytes of the one that grows.
/// As one number it is the id of an event, which therefore means the same on every copy of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) reply: MessageId,
    blocks: usize,
    bytes: usize,
}

impl Position {
    /// More bytes than a block can have, and more blocks than a reply can.
    const BYTES: u64 = 1 << 20;
    const BLOCKS: u64 = 1 << 12;

    /// Right after the first event of a reply, which says where it is.
    fn begun(reply: MessageId) -> Self {
        Self {
            reply,
            blocks: 0,
            bytes: 0,
        }
    }

    fn id(self) -> u64 {
        let reply = u64::try_from(self.reply.0).unwrap_or_default();
        (reply * Self::BLOCKS + self.blocks as u64) * Self::BYTES + self.bytes as u64
    }

    fn of(id: u64) -> Option<Self> {
        let (blocks, bytes) = (id / Self::BYTES, id % Self::BYTES);
        Some(Self {
            reply: MessageId(i64::try_from(blocks / Self::BLOCKS).ok()?),
            blocks: usize::try_from(blocks % Self::BLOCKS).ok()?,
            bytes: usize::try_from(bytes).ok()?,
        })
    }
}

/// Whether events are asked for.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|accept| accept.to_str().ok())
        .flat_map(|accept| accept.split(','))
        .any(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("text/event-stream")
        })
}

/// How far whoever asks has read.
///
/// # Errors
/// That `Last-Event-ID` is none of ours.
pub(super) fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(id) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    id.and_then(Position::of).map(Some).ok_or_else(|| {
        Problem::invalid("Last-Event-ID is the id of an event of this conversation, a number")
    })
}

/// The reply as events, those after what has been `read` of it.
pub(super) fn of(server: &Server, user: &UserId, reply: Reply, read: Option<Position>) -> Response {
    if !reply.is_writing && read.is_some_and(|read| read >= end_of(&reply)) {
        // Browsers come back by themselves until they are told so.
        return StatusCode::NO_CONTENT.into_response();
    }
    let reader = Reader {
        server: server.clone(),
        user: user.clone(),
        place: reply.place(),
        latest: Some(reply),
        read,
        status: String::new(),
        over: false,
    };
    let chunks = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(chunk), reader))
    });
    sse::response(chunks)
}

/// Somebody who reads a reply.
struct Reader {
    server: Server,
    user: UserId,
    place: Place,
    /// The reply as it was found, until it is read.
    latest: Option<Reply>,
    read: Option<Position>,
    status: String,
    over: bool,
}

impl Reader {
    /// What comes next. `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let heartbeat = Instant::now() + HEARTBEAT;
        loop {
            let mut watched = self.server.app.watch(&self.user, self.place);
            let reply = match self.latest.take() {
                Some(reply) => Ok(reply),
                None => self.server.app.reply(&self.user, self.place).await,
            };
            match reply {
                Ok(reply) => {
                    let events = self.events(&reply);
                    if !events.is_empty() {
                        return Some(events.into());
                    }
                }
                Err(error @ app::Error::Unavailable(_)) => {
                    tracing::debug!(%error, "a reply cannot be read on for now");
                }
                Err(error) => {
                    self.over = true;
                    let text = Problem::from(error).detail().to_owned();
                    return Some(frame("error", None, &json!({ "text": text })).into());
                }
            }
            let changed = self.server.app.changed(&mut watched);
            if timeout_at(heartbeat, changed).await.is_err() {
                return Some(STILL_HERE);
            }
        }
    }

    /// What is new since the last time.
    fn events(&mut self, reply: &Reply) -> String {
        let mut events = String::new();
        let mut read = self.read.unwrap_or_else(|| {
            let begun = Position::begun(reply.message);
            let turn = json!({
                "conversation_id": reply.conversation,
                "message_id": reply.message,
                "engine": reply.engine,
            });
            events.push_str(&frame("turn", Some(begun.id()), &turn));
            begun
        });
        let blocks = &reply.content.blocks;
        while let Some(block) = blocks.get(read.blocks) {
            // A text goes on growing until something stands after it.
            let is_last = read.blocks + 1 == blocks.len();
            let next = Position {
                blocks: read.blocks + 1,
                bytes: 0,
                ..read
            };
            let Block::Text { text } = block else {
                read = next;
                let (event, data) = shown(block, read.blocks - 1);
                events.push_str(&frame(event, Some(read.id()), &data));
                continue;
            };
            let delta = text.get(read.bytes..).unwrap_or_default();
            let n = read.blocks;
            read = if is_last && reply.is_writing {
                Position {
                    bytes: text.len(),
                    ..read
                }
            } else {
                next
            };
            if !delta.is_empty() {
                let data = json!({ "block": n, "delta": delta });
                events.push_str(&frame("text", Some(read.id()), &data));
            }
            if is_last {
                break;
            }
        }
        self.read = Some(read);
        if reply.is_writing {
            let status = format!(
                "asking {}",
                reply.usage.model.as_deref().unwrap_or("a model")
            );
            if status != self.status {
                events.push_str(&frame("status", None, &json!({ "text": status })));
                self.status = status;
            }
        } else {
            self.over = true;
            events.push_str(&frame("end", Some(end_of(reply).id()), &ended(reply)));
        }
        events
    }
}

/// The position after everything.
fn end_of(reply: &Reply) -> Position {
    Position {
        blocks: reply.content.blocks.len(),
        bytes: 1,
        ..Position::begun(reply.message)
    }
}

/// A block that appears at once, and the name of its event.
fn shown(block: &Block, n: usize) -> (&'static str, Value) {
    let event = match block {
        Block::Text { .. } => "text",
        Block::Receipt { .. } => "receipt",
        Block::Tasks { .. } => "rows",
        Block::Question { .. } => "choice",
        Block::Approval { .. } => "approval",
        Block::Notice { .. } => "notice",
    };
    let mut data = serde_json::to_value(block).unwrap_or_default();
    data["block"] = json!(n);
    (event, data)
}

/// What is said at the end: all that the JSON form of the turn has and the blocks have not.
fn ended(reply: &Reply) -> Value {
    let waits = reply
        .content
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Approval { .. } | Block::Question { .. }));
    let reason = match reply.usage.end {
        End::Stopped => "stopped",
        End::Failed => "failed",
        End::Complete if waits => "waiting",
        End::Complete => "complete",
    };
    json!({
        "reason": reason,
        "response": reply.text,
        "tool_calls": reply.content.calls,
        "engine": reply.engine,
        "usage": reply.usage,
    })
}
