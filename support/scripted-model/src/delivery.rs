//! How a reply gets to the client: when each piece leaves, and where it breaks off.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::stream;
use tokio::sync::watch;

use crate::pieces;
use crate::reply::{Fault, Reply};

/// Counts whoever leaves before the end of the reply.
pub(crate) struct Visit {
    hung_up: Arc<watch::Sender<usize>>,
    over: bool,
}

impl Visit {
    pub(crate) fn new(hung_up: Arc<watch::Sender<usize>>) -> Self {
        Self {
            hung_up,
            over: false,
        }
    }

    fn over(&mut self) {
        self.over = true;
    }
}

impl Drop for Visit {
    // The server drops a reply as soon as nobody listens any more.
    fn drop(&mut self) {
        if !self.over {
            self.hung_up.send_modify(|count| *count += 1);
        }
    }
}

struct Delivery {
    reply: Reply,
    pieces: VecDeque<Vec<u8>>,
    sent: usize,
    visit: Visit,
}

/// The answer over HTTP. `streamed` is what the client asked for.
pub(crate) async fn deliver(reply: Reply, streamed: bool, mut visit: Visit) -> Response {
    pause(reply.delay_ms).await;
    wait(&reply, 0).await;
    match &reply.fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Status {
            code,
            headers,
            body,
        }) => {
            visit.over();
            let kind = if body.is_string() {
                "text/plain"
            } else {
                "application/json"
            };
            let headers = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .chain([("content-type", kind)]);
            return respond(*code, headers, pieces::text_or_json(body).into());
        }
        _ => {}
    }
    if (reply.whole || !streamed) && reply.raw.is_none() {
        visit.over();
        let body = pieces::body(&reply);
        return respond(200, [("content-type", "application/json")], body.into());
    }
    let delivery = Delivery {
        pieces: pieces::events(&reply).into(),
        reply,
        sent: 0,
        visit,
    };
    let body = Body::from_stream(stream::unfold(delivery, Delivery::next));
    respond(200, [("content-type", "text/event-stream")], body)
}

impl Delivery {
    async fn next(mut self) -> Option<(Result<Vec<u8>, std::io::Error>, Self)> {
        if let Some(piece) = self.pieces.pop_front() {
            self.sent += 1;
            pause(self.reply.piece_delay_ms).await;
            wait(&self.reply, self.sent).await;
            // Once it has the last piece, a client may leave.
            if self.pieces.is_empty() && !matches!(self.reply.fault, Some(Fault::Stall(_))) {
                self.visit.over();
            }
            return Some((Ok(piece), self));
        }
        match self.reply.fault {
            Some(Fault::Stall(_)) => std::future::pending().await,
            Some(Fault::Cut(_)) => {
                self.visit.over();
                self.reply.fault = None;
                // Without the pause the server may give up the connection before the last piece has left.
                pause(5).await;
                Some((Err(std::io::Error::other("cut off by the script")), self))
            }
            _ => {
                self.visit.over();
                None
            }
        }
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

async fn wait(reply: &Reply, piece: usize) {
    for (before, gate) in &reply.gates {
        if *before == piece {
            gate.pass().await;
        }
    }
}

fn respond<'a>(
    code: u16,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: Body,
) -> Response {
    let mut response = Response::builder().status(code);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(body).unwrap_or_else(|_| {
        // A script that names an impossible status or header shows it.
        let mut response = Response::new("the script names an impossible status or header".into());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
