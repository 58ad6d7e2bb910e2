//! What changes for a user, as it does, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use accounts::Credential;
use app::{Listening, LiveChange, LiveEvent};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::get;
use domain::Seq;
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{json, to_value};
use telemetry::Open;
use tokio::time::{Instant, sleep, timeout_at};

use super::sse::{self, HEARTBEAT, STILL_HERE, frame};
use crate::auth::{CurrentUser, credential};
use crate::body::QueryOf;
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/events",
            "Journal",
            "Changes as they are made, as server-sent events; the data of each `change` is as described here",
            get(events),
        )
        .query::<EventsQuery>()
        .answers::<LiveChange>(200),
    ]
}

/// Where to begin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    /// The last change that is known; from now on without it. `Last-Event-ID` says the same, and goes before.
    after: Option<Seq>,
}

async fn events(
    user: CurrentUser,
    State(server): State<Server>,
    headers: HeaderMap,
    QueryOf(query): QueryOf<EventsQuery>,
) -> Result<Response, Problem> {
    let known = last_event_id(&headers)?.or(query.after);
    let credential = credential(&server, &headers).ok_or_else(Problem::unauthorized)?;
    let listener = Listener {
        listening: server.app.listen(user.id(), known)?,
        _open: server.app.figures().stream("changes"),
        server,
        credential,
    };
    Ok(sse::response(stream::unfold(
        listener,
        |mut listener| async move {
            let chunk = listener.next().await?;
            Some((Ok::<_, Infallible>(chunk), listener))
        },
    )))
}

/// # Errors
/// That it is none of ours.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Seq>, Problem> {
    let Some(id) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    id.map(|id| Some(Seq(id)))
        .ok_or_else(|| Problem::invalid("Last-Event-ID is the number of a change"))
}

/// Somebody who listens.
struct Listener {
    server: Server,
    listening: Listening,
    credential: Credential,
    /// Counts it for as long as somebody listens.
    _open: Open,
}

impl Listener {
    /// What comes next. `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let heartbeat = Instant::now() + HEARTBEAT;
        let events = match timeout_at(heartbeat, self.listen()).await {
            Ok(events) if events.is_empty() => return None,
            Ok(events) => events.iter().map(written).collect::<String>().into(),
            Err(_) => STILL_HERE,
        };
        // Asked last, so that who is out hears nothing of what was changed after that, and is gone by the next heartbeat.
        match self.server.accounts.still_counts(&self.credential).await {
            Ok(true) => Some(events),
            // They come back with the last number they have, and are told then what is wrong.
            Ok(false) | Err(_) => None,
        }
    }

    async fn listen(&mut self) -> Vec<LiveEvent> {
        /// How long to wait for a database that does not answer.
        const MOMENT: Duration = Duration::from_secs(1);
        loop {
            match self.listening.next().await {
                Ok(events) => return events,
                Err(error @ app::Error::Unavailable(_)) => {
                    tracing::debug!(%error, "changes cannot be told for now");
                    sleep(MOMENT).await;
                }
                Err(error) => {
                    tracing::error!(%error, "changes cannot be told");
                    return Vec::new();
                }
            }
        }
    }
}

/// An event as it is sent. A number is its id if nothing up to there has to be told again.
fn written(event: &LiveEvent) -> String {
    let id = |seq: Seq| u64::try_from(seq.0).ok();
    match event {
        LiveEvent::Hello(seq) => frame("hello", id(*seq), &json!({ "seq": seq })),
        LiveEvent::Reset(seq) => frame("reset", id(*seq), &json!({ "seq": seq })),
        LiveEvent::Change(change) => {
            let data = to_value(change).unwrap_or_default();
            frame("change", id(change.seq), &data)
        }
        LiveEvent::Conversation(reply) => {
            let data = to_value(reply).unwrap_or_default();
            frame("conversation", None, &data)
        }
    }
}
