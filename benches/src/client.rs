//! The least HTTP client that keeps a connection: it must not be what is measured.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, written out.
#[derive(Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    pub(crate) fn new(method: &str, path: &str, token: &str, body: Option<&str>) -> Self {
        Self::with(method, path, token, body, "")
    }

    /// One that asks for events, those after this one if it is known.
    pub(crate) fn events(
        method: &str,
        path: &str,
        token: &str,
        body: Option<&str>,
        after: Option<u64>,
    ) -> Self {
        let after = after.map(|id| format!("last-event-id: {id}\r\n"));
        let more = format!("accept: text/event-stream\r\n{}", after.unwrap_or_default());
        Self::with(method, path, token, body, &more)
    }

    /// One that takes its answer as JSON or as events, as MCP asks for.
    pub(crate) fn accepting_all(method: &str, path: &str, token: &str, body: &str) -> Self {
        let more = "accept: application/json, text/event-stream\r\n";
        Self::with(method, path, token, Some(body), more)
    }

    fn with(method: &str, path: &str, token: &str, body: Option<&str>, more: &str) -> Self {
        let body = body.unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{more}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self(head.into_bytes())
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In small letters.
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// `None` if there is no such header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        let mut fields = lines.filter_map(|line| line.split_once(':'));
        let (_, value) = fields.find(|(field, _)| *field == name)?;
        Some(value.trim())
    }

    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// A connection that is used again and again.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// The status of the answer; its body is read and thrown away.
    pub(crate) async fn send(&mut self, request: &Request) -> anyhow::Result<u16> {
        Ok(self.ask(request).await?.status)
    }

    /// The whole answer.
    pub(crate) async fn ask(&mut self, request: &Request) -> anyhow::Result<Answer> {
        let mut answer = self.begin(request).await?;
        let length = answer.header("content-length");
        let length: usize = length.context("an answer without a length")?.parse()?;
        while self.buffer.len() < length {
            self.more().await?;
        }
        answer.body = std::mem::take(&mut self.buffer);
        Ok(answer)
    }

    /// The answer as events.
    pub(crate) async fn listen(mut self, request: &Request) -> anyhow::Result<Events> {
        let answer = self.begin(request).await?;
        let kind = answer.header("content-type").unwrap_or_default();
        if answer.status != 200 || kind != "text/event-stream" {
            bail!("no events: {} {kind}", answer.status);
        }
        Ok(Events {
            connection: self,
            text: Vec::new(),
        })
    }

    /// Sends a request and reads the head of the answer.
    async fn begin(&mut self, request: &Request) -> anyhow::Result<Answer> {
        self.stream.write_all(&request.0).await?;
        self.buffer.clear();
        let end = loop {
            match position(&self.buffer, b"\r\n\r\n") {
                Some(end) => break end,
                None => self.more().await?,
            }
        };
        let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
        self.buffer.drain(..end + 4);
        let status = head.split(' ').nth(1);
        Ok(Answer {
            status: status.context("an answer without a status")?.parse()?,
            head,
            body: Vec::new(),
        })
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}

/// A server-sent event.
pub(crate) struct Event {
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// Events as they come in, in chunks.
pub(crate) struct Events {
    connection: Connection,
    text: Vec<u8>,
}

impl Events {
    /// The next event of this name; others are passed over.
    pub(crate) async fn until(&mut self, name: &str) -> anyhow::Result<Event> {
        loop {
            let event = self.next().await?;
            let event = event.with_context(|| format!("it ended without {name}"))?;
            if event.name == name {
                return Ok(event);
            }
        }
    }

    /// The next event. `None` at the end.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some(end) = position(&self.text, b"\n\n") {
                let frame: Vec<u8> = self.text.drain(..end + 2).collect();
                let frame = std::str::from_utf8(&frame)?;
                let field = |name: &str| {
                    let mut lines = frame.lines();
                    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                };
                // A heartbeat has none.
                if let Some(data) = field("data") {
                    return Ok(Some(Event {
                        id: field("id").map(str::parse).transpose()?,
                        name: field("event").unwrap_or_default().to_owned(),
                        data: serde_json::from_str(data)?,
                    }));
                }
                continue;
            }
            let buffer = &mut self.connection.buffer;
            let Some(line) = position(buffer, b"\r\n") else {
                self.connection.more().await?;
                continue;
            };
            let length = usize::from_str_radix(std::str::from_utf8(&buffer[..line])?, 16)?;
            if length == 0 {
                return Ok(None);
            }
            let begin = line + 2;
            if buffer.len() < begin + length + 2 {
                self.connection.more().await?;
                continue;
            }
            self.text.extend(&buffer[begin..begin + length]);
            buffer.drain(..begin + length + 2);
        }
    }
}

fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
