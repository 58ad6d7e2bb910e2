//! A turn as a stream: the reply is read from its record as it grows, and who hangs up has had enough of it.

use std::convert::Infallible;
use std::time::Duration;

use app::{Block, End, Message, Place, Reply};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::{MessageId, TaskId};
use futures_util::stream;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::names::{Spot, no_such_item};
use super::shape::{Event, Item, Update, What, Written};
use super::transcript::{Transcript, settled, words};
use crate::Problem;

/// How often something is sent at least, so that nothing in between takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that wait for a reader at most; a slow one then holds up its own stream and nothing else.
const WAITING_MAX: usize = 16;

/// What a stream sends at its end.
type Sent = Option<Bytes>;

/// Where events go. It fails once nobody reads them any more.
struct Events(mpsc::Sender<Sent>);

/// Why a stream ends early.
enum Stop {
    /// Nobody reads it any more.
    Unread,
    Failed(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<app::Error> for Stop {
    fn from(error: app::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Events {
    async fn send(&self, event: Event) -> Result<(), Stop> {
        let sent = self.0.send(Some(event.frame())).await;
        sent.map_err(|_| Stop::Unread)
    }
}

/// A stream of what is known already.
pub(super) fn at_once(events: &[Event]) -> Response {
    let frames: Vec<Bytes> = events.iter().map(Event::frame).collect();
    streamed(Body::from(frames.concat()))
}

/// The answer of a stream that could not begin. Nothing was stored for it, so nobody may ask for it by trying again.
pub(super) fn refused(problem: Problem) -> Result<Response, Problem> {
    if problem.status().is_client_error() && problem.status().as_u16() != 409 {
        return Err(problem);
    }
    // A front end that is told of a failure by the status sends the same again by itself, up to five times.
    Ok(at_once(&[Event::OPTIONS, Event::problem(&problem)]))
}

fn streamed(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// A reply, and how it is shown.
pub(super) struct Answer {
    pub(super) thread: Transcript,
    pub(super) reply: Reply,
    /// When it was begun.
    at: Timestamp,
    /// The message that it answers.
    asked: Message,
    /// How many of its blocks have been sent.
    sent: usize,
    /// How many bytes of the next one, if that has been begun.
    begun: Option<usize>,
}

impl Answer {
    /// The reply that was just begun in `thread`.
    pub(super) async fn new(thread: Transcript, reply: Reply) -> Result<Self, Problem> {
        let (app, user) = (&thread.server.app, &thread.user);
        let before = Some(MessageId(reply.message.0 + 1));
        let messages = app.messages(user, reply.conversation, before, 2).await?;
        let [asked, answer] = messages.try_into().map_err(|_| no_such_item())?;
        Ok(Self {
            at: answer.created_at,
            reply: Reply::from(answer),
            asked,
            sent: 0,
            begun: None,
            thread,
        })
    }

    /// The message that it answers.
    pub(super) fn asked(&self) -> Item {
        self.thread.said(&self.asked)
    }

    /// The stream of the reply, after what is said before it.
    pub(super) fn stream(self, opening: Vec<Event>) -> Response {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(telemetry::follow(self.run(opening, sender)));
        let chunks = stream::unfold(Some(receiver), |receiver| async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Some(bytes)) => Some((Ok::<_, Infallible>(bytes), Some(receiver))),
                Some(None) => None,
                // Whoever wrote it has not come to its end.
                None => Some((Ok(Event::broken().frame()), None)),
            }
        });
        streamed(Body::from_stream(chunks))
    }

    async fn run(self, opening: Vec<Event>, sender: mpsc::Sender<Sent>) {
        let (app, user) = (self.thread.server.app.clone(), self.thread.user.clone());
        let place = self.reply.place();
        let _counted = app.figures().stream("chatkit");
        let events = Events(sender.clone());
        let end = tokio::select! {
            end = self.tell(opening, &events) => end,
            () = sender.closed() => Err(Stop::Unread),
        };
        match end {
            Ok(()) => {}
            Err(Stop::Unread) => {
                // There is no other way to stop a reply in this protocol than to hang up.
                let reply = app.reply(&user, place).await;
                if reply.is_ok_and(|reply| reply.is_writing)
                    && let Err(error) = app.stop(&user, place.conversation).await
                {
                    tracing::warn!(%error, "a reply that nobody reads could not be stopped");
                }
                return;
            }
            Err(Stop::Failed(problem)) => {
                let _ = events.send(Event::problem(&problem)).await;
            }
        }
        let _ = sender.send(None).await;
    }

    /// Tells all of it.
    async fn tell(mut self, opening: Vec<Event>, events: &Events) -> Result<(), Stop> {
        for event in opening {
            events.send(event).await?;
        }
        self.follow(events).await?;
        let changed: Vec<TaskId> = self
            .reply
            .content
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Receipt { task_ids, .. } => Some(task_ids.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        let before = Some(self.asked.id);
        for item in self.thread.changed(before, &changed, true).await? {
            events.send(Event::Replaced { item }).await?;
        }
        if self.reply.content.receipts().next().is_some() {
            events.send(Event::tasks_changed("reply")).await?;
        }
        if self.reply.usage.end == End::Failed {
            let message = "No language model answered. You can try again.";
            events.send(Event::error(message, true)).await?;
        }
        Ok(())
    }

    /// Tells what there is of the reply, until it is written to its end.
    async fn follow(&mut self, events: &Events) -> Result<(), Stop> {
        let (app, user) = (self.thread.server.app.clone(), self.thread.user.clone());
        let place: Place = self.reply.place();
        let mut status = String::new();
        loop {
            // Before it is read, so that nothing falls between.
            let mut watched = app.watch(&user, place);
            match app.reply(&user, place).await {
                Ok(reply) => self.reply = reply,
                Err(error @ app::Error::Unavailable(_)) => {
                    tracing::debug!(%error, "a reply cannot be read on for now");
                }
                Err(error) => return Err(error.into()),
            }
            self.send_new(events).await?;
            if !self.reply.is_writing {
                return Ok(());
            }
            let model = self.reply.usage.model.as_deref().unwrap_or("a model");
            let text = format!("Asking {model}\u{2026}");
            if text != status && self.begun.is_none() {
                status.clone_from(&text);
                events.send(Event::Progress { text }).await?;
            }
            if timeout(HEARTBEAT, app.changed(&mut watched)).await.is_err() {
                let text = "Still at it\u{2026}".to_owned();
                events.send(Event::Progress { text }).await?;
            }
        }
    }

    /// Sends what is new since the last time.
    async fn send_new(&mut self, events: &Events) -> Result<(), Stop> {
        let settled = settled(&self.reply);
        let new = self.reply.content.blocks.get(self.sent..);
        let new = new.unwrap_or_default();
        // Words are all that grows, and nothing has to be looked up for them.
        let sight = if new.iter().all(|block| matches!(block, Block::Text { .. })) {
            None
        } else {
            Some(self.thread.sight_of(new, self.reply.message).await?)
        };
        for n in self.sent..self.reply.content.blocks.len() {
            let is_whole = n < settled;
            let item = sight
                .as_ref()
                .map(|sight| self.thread.item(sight, &self.reply, n, self.at));
            match item {
                Some(item) if matches!(item.what, What::Widget { .. }) => {
                    // A question is asked once nothing can stand before it any more.
                    if !is_whole {
                        return Ok(());
                    }
                    events.send(Event::Done { item }).await?;
                }
                _ => self.write(events, n, is_whole).await?,
            }
            if is_whole {
                (self.sent, self.begun) = (n + 1, None);
            }
        }
        Ok(())
    }

    /// Sends what is new of the words of the block `n`.
    async fn write(&mut self, events: &Events, n: usize, is_whole: bool) -> Result<(), Stop> {
        let (spot, text) = (Spot::of(&self.reply, n), words(&self.reply, n));
        let item = |content| {
            let what = What::AssistantMessage { content };
            self.thread.named(spot, self.at, what)
        };
        let item_id = item(Vec::new()).id;
        let updated = |update| Event::Updated {
            item_id: item_id.clone(),
            update,
        };
        if self.begun.is_none() {
            let item = item(Vec::new());
            events.send(Event::Added { item }).await?;
            let content = Written::new("");
            events
                .send(updated(Update::PartAdded {
                    content_index: 0,
                    content,
                }))
                .await?;
        }
        let delta = text.get(self.begun.unwrap_or(0)..).unwrap_or_default();
        if !delta.is_empty() {
            let delta = delta.to_owned();
            events
                .send(updated(Update::TextDelta {
                    content_index: 0,
                    delta,
                }))
                .await?;
        }
        if is_whole {
            let content = Written::new(&text);
            let item = item(vec![content.clone()]);
            events
                .send(updated(Update::PartDone {
                    content_index: 0,
                    content,
                }))
                .await?;
            events.send(Event::Done { item }).await?;
        }
        self.begun = Some(text.len());
        Ok(())
    }
}
