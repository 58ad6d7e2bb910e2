//! Reads server-sent events, as a browser would.

use axum::body::Body;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// Events as they come in.
pub(crate) struct Events {
    body: Body,
    buffer: String,
    pub(crate) last_id: u64,
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-accel-buffering"), "no");
        Self {
            body: response.into_body(),
            buffer: String::new(),
            last_id: 0,
        }
    }

    /// The next event. `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((frame, rest)) = self.buffer.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.buffer = rest;
                if let Some(event) = self.read(&frame) {
                    return Some(event);
                }
                continue;
            }
            let frame = self.body.frame().await?.unwrap();
            let bytes = frame.into_data().unwrap();
            self.buffer.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    fn read(&mut self, frame: &str) -> Option<Event> {
        let field = |name: &str| {
            frame
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let data = field("data")?;
        let id = field("id").map(|id| id.parse().unwrap());
        if let Some(id) = id {
            assert!(id >= self.last_id, "ids never fall: {frame}");
            self.last_id = id;
        }
        Some(Event {
            id,
            name: field("event").unwrap().to_owned(),
            data: serde_json::from_str(data).unwrap(),
        })
    }

    /// The next event of this name; others are passed over.
    pub(crate) async fn until(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.expect("it ended before that");
            if event.name == name {
                return event;
            }
        }
    }

    /// Everything that is left.
    pub(crate) async fn rest(&mut self) -> Vec<Event> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event);
        }
        all
    }
}
