//! The server, and what a test can see of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::serve::ListenerExt;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::delivery::{Visit, deliver};
use crate::{Gate, Rule, Script};

/// A running model. It ends when it is dropped.
///
/// Programs that are not written in Rust lead it by HTTP: `PUT /script` gives it other rules and forgets what it was asked,
/// `POST /gates/NAME` opens a gate that a rule names in `held`, and `GET /requests?least=1` waits until it has been asked so
/// often and lists the bodies.
#[derive(Debug)]
pub struct Model {
    url: Url,
    seen: Arc<Seen>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Seen {
    script: Mutex<Script>,
    gates: Mutex<HashMap<String, Gate>>,
    requests: Mutex<Vec<Request>>,
    count: watch::Sender<usize>,
    hung_up: Arc<watch::Sender<usize>>,
}

#[derive(Debug, Clone)]
struct Request {
    body: Value,
    authorization: Option<String>,
}

impl Model {
    /// Starts one on a free port of the loopback address.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub async fn start(script: Script) -> Self {
        Self::start_on(0, script).await.expect("a free port")
    }

    /// Starts one on this port of the loopback address.
    pub async fn start_on(port: u16, script: Script) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let url = Url::parse(&format!("http://{address}/v1")).map_err(std::io::Error::other)?;
        let seen = Arc::new(Seen {
            script: Mutex::new(script),
            gates: Mutex::default(),
            requests: Mutex::default(),
            count: watch::Sender::new(0),
            hung_up: Arc::new(watch::Sender::new(0)),
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/script", put(replace))
            .route("/gates/{name}", post(open))
            .route("/requests", get(asked))
            .with_state(Arc::clone(&seen));
        let server = tokio::spawn(async move {
            let listener = listener.tap_io(|connection| {
                // Small pieces are held back otherwise, each for 40 ms. Without it the model is slower, and still right.
                let _ = connection.set_nodelay(true);
            });
            // It never returns an error, says axum.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, seen, server })
    }

    /// The base address for a client: `http://127.0.0.1:PORT/v1`.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The bodies of the requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.all(|request| request.body.clone())
    }

    /// The `Authorization` of each request so far. `None` if it had none.
    pub fn authorizations(&self) -> Vec<Option<String>> {
        self.all(|request| request.authorization.clone())
    }

    /// How many requests have come.
    pub fn count(&self) -> usize {
        *self.seen.count.borrow()
    }

    /// How many clients have left before the end of their reply.
    pub fn hung_up(&self) -> usize {
        *self.seen.hung_up.borrow()
    }

    /// Waits until so many requests have come.
    pub async fn wait_for_requests(&self, count: usize) {
        reaches(&self.seen.count, count).await;
    }

    /// Waits until a client has left before the end of its reply.
    pub async fn wait_for_hang_up(&self) {
        self.wait_for_hang_ups(1).await;
    }

    /// Waits until so many clients have left before the end of their reply.
    pub async fn wait_for_hang_ups(&self, count: usize) {
        reaches(&self.seen.hung_up, count).await;
    }

    /// Serves until the process ends.
    pub async fn serve(mut self) {
        let _ = (&mut self.server).await;
    }

    fn all<T>(&self, field: impl Fn(&Request) -> T) -> Vec<T> {
        locked(&self.seen.requests).iter().map(field).collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn reaches(count: &watch::Sender<usize>, least: usize) {
    // It fails without a sender only, and this is one.
    let _ = count.subscribe().wait_for(|count| *count >= least).await;
}

impl Seen {
    fn gate(&self, name: String) -> Gate {
        locked(&self.gates).entry(name).or_default().clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn replace(State(seen): State<Arc<Seen>>, Json(rules): Json<Vec<Rule>>) {
    *locked(&seen.script) = Script::rules(rules);
    locked(&seen.gates).clear();
    locked(&seen.requests).clear();
    seen.count.send_replace(0);
}

async fn open(State(seen): State<Arc<Seen>>, Path(name): Path<String>) -> StatusCode {
    seen.gate(name).open();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    least: usize,
}

async fn asked(State(seen): State<Arc<Seen>>, Query(asked): Query<Asked>) -> Json<Vec<Value>> {
    reaches(&seen.count, asked.least).await;
    let requests = locked(&seen.requests);
    Json(
        requests
            .iter()
            .map(|request| request.body.clone())
            .collect(),
    )
}

async fn complete(State(seen): State<Arc<Seen>>, headers: HeaderMap, body: Bytes) -> Response {
    let visit = Visit::new(Arc::clone(&seen.hung_up));
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut reply = locked(&seen.script).reply(&body);
    for (piece, name) in std::mem::take(&mut reply.held) {
        reply.gates.push((piece, seen.gate(name)));
    }
    let streamed = body["stream"] == true;
    let request = Request {
        body,
        authorization,
    };
    locked(&seen.requests).push(request);
    seen.count.send_modify(|count| *count += 1);
    deliver(reply, streamed, visit).await
}
