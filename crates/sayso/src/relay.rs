//! `sayso mcp --server`: passes MCP messages on between standard input and output and a server elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Stdout, stdin, stdout};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

/// How long a server may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// Answers that wait to be written.
const ANSWERS_MAX: usize = 64;

/// Passes messages on until the input ends. The token goes to `server` and nowhere else.
///
/// # Errors
/// If the input or the output breaks, or there is no way to speak to any server.
pub(crate) async fn relay(server: &url::Url, token: &str) -> anyhow::Result<()> {
    let server = Server {
        client: agent::http_client(CONNECT_TIMEOUT)?,
        url: server.clone(),
        token: token.into(),
        version: Arc::default(),
    };
    let (answers, to_write) = mpsc::channel(ANSWERS_MAX);
    let writing = tokio::spawn(write(to_write, stdout()));
    let mut lines = BufReader::new(stdin()).lines();
    let mut asked = JoinSet::new();
    let mut under_way: HashMap<String, AbortHandle> = HashMap::new();
    while let Some(line) = lines.next_line().await? {
        if line.trim().is_empty() {
            continue;
        }
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            let error = json!({ "code": -32700, "message": "this line is not JSON" });
            let answer = json!({ "jsonrpc": "2.0", "id": null, "error": error });
            answers.send(answer.to_string()).await?;
            continue;
        };
        // Over HTTP, a request is cancelled by hanging up.
        if message["method"] == "notifications/cancelled"
            && let Some(request) = under_way.remove(&message["params"]["requestId"].to_string())
        {
            request.abort();
        }
        let id = message["id"].to_string();
        let is_first = message["method"] == "initialize";
        let asking = {
            let (server, answers) = (server.clone(), answers.clone());
            async move {
                if let Some(answer) = server.ask(&message).await {
                    // Nobody reads any more; there is nobody to tell.
                    let _ = answers.send(answer).await;
                }
            }
        };
        if is_first {
            // What follows depends on the version that it settles.
            asking.await;
        } else {
            while asked.try_join_next().is_some() {}
            under_way.retain(|_, request| !request.is_finished());
            under_way.insert(id, asked.spawn(asking));
        }
    }
    while asked.join_next().await.is_some() {}
    drop(answers);
    writing.await?
}

async fn write(mut lines: mpsc::Receiver<String>, mut output: Stdout) -> anyhow::Result<()> {
    while let Some(line) = lines.recv().await {
        output.write_all(line.as_bytes()).await?;
        output.write_all(b"\n").await?;
        output.flush().await?;
    }
    Ok(())
}

/// Where messages go.
#[derive(Clone)]
struct Server {
    client: reqwest::Client,
    url: url::Url,
    token: Arc<str>,
    /// What `initialize` has settled on, for clients that say it once.
    version: Arc<Mutex<Option<String>>>,
}

impl Server {
    /// What the server says to `message`, on one line. `None` if there is nothing to say.
    async fn ask(&self, message: &Value) -> Option<String> {
        let id = message.get("id");
        match self.send(message).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a message was not answered");
                let error = json!({ "code": -32603, "message": format!("{error:#}") });
                id.map(|id| json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string())
            }
        }
    }

    async fn send(&self, message: &Value) -> anyhow::Result<Option<String>> {
        let params = &message["params"];
        let said = params["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str();
        let mut request = self
            .client
            .post(self.url.clone())
            .timeout(ANSWER_TIMEOUT)
            .bearer_auth(&self.token)
            .header("accept", "application/json, text/event-stream")
            .json(message);
        if let Some(version) = said.map(str::to_owned).or_else(|| self.settled().clone()) {
            request = request.header("mcp-protocol-version", version);
        }
        if said.is_some() {
            let named = params["name"].as_str().or(params["uri"].as_str());
            for (name, value) in [
                ("mcp-method", message["method"].as_str()),
                ("mcp-name", named),
            ] {
                if let Some(value) = value {
                    request = request.header(name, header(value));
                }
            }
        }
        let response = request
            .send()
            .await
            .context("the server cannot be reached")?;
        let status = response.status();
        let body = response.text().await.context("the server broke off")?;
        let Ok(answer) = serde_json::from_str::<Value>(&body) else {
            anyhow::ensure!(
                status.is_success() && body.trim().is_empty(),
                "the server answered {status}, which is no MCP"
            );
            return Ok(None);
        };
        if answer.get("jsonrpc").is_none() {
            let detail = answer["detail"].as_str().unwrap_or("no more than that");
            anyhow::bail!("the server answered {status}: {detail}");
        }
        if message["method"] == "initialize"
            && let Some(version) = answer["result"]["protocolVersion"].as_str()
        {
            *self.settled() = Some(version.to_owned());
        }
        // A message is one line, whatever the server makes of it.
        Ok(Some(if body.contains('\n') {
            answer.to_string()
        } else {
            body
        }))
    }

    fn settled(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // A text is whole whatever panicked beside it.
        self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value as a header can carry it: what is not plain ASCII in base64, as the protocol says.
fn header(value: &str) -> String {
    let is_plain = value
        .bytes()
        .all(|byte| (0x21..=0x7e).contains(&byte) || byte == b' ')
        && value.trim() == value
        && !value.starts_with("=?");
    if is_plain {
        value.to_owned()
    } else {
        format!("=?base64?{}?=", BASE64_STANDARD.encode(value))
    }
}
