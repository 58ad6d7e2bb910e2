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
use telemetry::Open;
use tokio::time::{Instant, timeout_at};

use super::sse::{self, HEARTBEAT, STILL_HERE, frame};
use crate::page::Drawing;
use crate::{Problem, Server};

/// How far a conversation has been read: to which reply, so many of its blocks, and so many bytes of the one that grows.
/// As one number it is the id of an event, which therefore means the same on every copy of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) reply: MessageId,
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

/// How whoever reads wants to have the blocks of a reply.
pub(crate) enum Shape {
    /// As data, for programs.
    Data,
    /// As they stand on the page, for a page that is there.
    Html(Box<Drawing>),
}

impl Shape {
    /// What the first event carries besides the names of things.
    async fn begun(&self, server: &Server, reply: &Reply) -> Result<Value, Problem> {
        match self {
            Self::Data => Ok(json!({})),
            Self::Html(drawing) => drawing.begun(server, reply).await,
        }
    }

    /// A block that appears at once.
    async fn block(&self, server: &Server, reply: &Reply, n: usize) -> Result<Value, Problem> {
        match self {
            Self::Data => {
                let mut data = serde_json::to_value(&reply.content.blocks[n]).unwrap_or_default();
                data["block"] = json!(n);
                Ok(data)
            }
            Self::Html(drawing) => drawing.block(server, reply, n).await,
        }
    }

    /// What is said at the end besides how it ended.
    async fn ended(&self, server: &Server, reply: &Reply) -> Result<Value, Problem> {
        match self {
            Self::Data => Ok(json!({
                "response": reply.text,
                "tool_calls": reply.content.calls,
                "engine": reply.engine,
                "usage": reply.usage,
            })),
            Self::Html(drawing) => drawing.ended(server, reply).await,
        }
    }
}

/// Whether events are asked for.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
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
pub(crate) fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(id) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    id.and_then(Position::of).map(Some).ok_or_else(|| {
        Problem::invalid("Last-Event-ID is the id of an event of this conversation, a number")
    })
}

/// The reply as events, those after what has been `read` of it.
pub(crate) fn of(
    server: &Server,
    user: &UserId,
    reply: Reply,
    read: Option<Position>,
    shape: Shape,
) -> Response {
    if !reply.is_writing && read.is_some_and(|read| read >= end_of(&reply)) {
        // Browsers come back by themselves until they are told so.
        return StatusCode::NO_CONTENT.into_response();
    }
    let reader = Reader {
        _open: server.app.figures().stream("reply"),
        server: server.clone(),
        user: user.clone(),
        place: reply.place(),
        latest: Some(reply),
        read,
        shape,
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
    shape: Shape,
    status: String,
    over: bool,
    /// Counts it for as long as somebody reads.
    _open: Open,
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
            match self.read_on().await {
                Ok(events) if events.is_empty() => {}
                Ok(events) => return Some(events.into()),
                Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => {
                    tracing::debug!(
                        problem = problem.detail(),
                        "a reply cannot be read on for now"
                    );
                }
                Err(problem) => {
                    self.over = true;
                    let data = json!({ "text": problem.detail() });
                    return Some(frame("error", None, &data).into());
                }
            }
            let changed = self.server.app.changed(&mut watched);
            if timeout_at(heartbeat, changed).await.is_err() {
                return Some(STILL_HERE);
            }
        }
    }

    /// What is new since the last time.
    async fn read_on(&mut self) -> Result<String, Problem> {
        let reply = match self.latest.take() {
            Some(reply) => reply,
            None => self.server.app.reply(&self.user, self.place).await?,
        };
        self.events(&reply).await
    }

    /// What of the reply is new. What could not be shown is new the next time again.
    async fn events(&mut self, reply: &Reply) -> Result<String, Problem> {
        let (server, shape) = (&self.server, &self.shape);
        let mut events = String::new();
        let mut read = if let Some(read) = self.read {
            read
        } else {
            let begun = Position::begun(reply.message);
            let mut turn = json!({
                "conversation_id": reply.conversation,
                "message_id": reply.message,
                "engine": reply.engine,
            });
            add(&mut turn, shape.begun(server, reply).await?);
            events.push_str(&frame("turn", Some(begun.id()), &turn));
            begun
        };
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
                let data = shape.block(server, reply, read.blocks).await?;
                read = next;
                events.push_str(&frame(name(block), Some(read.id()), &data));
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
        if !reply.is_writing {
            let mut end = json!({ "reason": reason(reply) });
            add(&mut end, shape.ended(server, reply).await?);
            events.push_str(&frame("end", Some(end_of(reply).id()), &end));
        }
        self.read = Some(read);
        self.over = !reply.is_writing;
        if reply.is_writing {
            let status = format!(
                "asking {}",
                reply.usage.model.as_deref().unwrap_or("a model")
            );
            if status != self.status {
                events.push_str(&frame("status", None, &json!({ "text": status })));
                self.status = status;
            }
        }
        Ok(events)
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

/// The name of the event in which a block comes.
fn name(block: &Block) -> &'static str {
    match block {
        Block::Text { .. } => "text",
        Block::Receipt { .. } => "receipt",
        Block::Tasks { .. } => "rows",
        Block::Question { .. } => "choice",
        Block::Approval { .. } => "approval",
        Block::Notice { .. } => "notice",
    }
}

/// How a reply ended.
fn reason(reply: &Reply) -> &'static str {
    let waits = reply
        .content
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Approval { .. } | Block::Question { .. }));
    match reply.usage.end {
        End::Stopped => "stopped",
        End::Failed => "failed",
        End::Complete if waits => "waiting",
        End::Complete => "complete",
    }
}

/// `to` with the fields of `more`.
fn add(to: &mut Value, more: Value) {
    if let (Value::Object(to), Value::Object(more)) = (to, more) {
        to.extend(more);
    }
}
