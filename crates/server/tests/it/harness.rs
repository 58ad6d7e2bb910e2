//! A server on a database of its own, with a clock that stands still, and users to talk to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use accounts::{Accounts, Client as From, Secrets, Settings};
use agent::{Key, Models, Provider};
use app::{App, ModelSettings};
use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Clock, UserId};
use http_body_util::BodyExt;
use jiff::Timestamp;
use scripted_model::Model;
use serde_json::{Value, json};
use server::Edge;
use store::Store;
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

/// Wednesday, 25 November 2026, a quarter past nine in the morning in Lisbon.
pub(crate) const NOW: &str = "2026-11-25T09:15:00Z";

/// Which database a test runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

pub(crate) const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// A new, empty database of this kind.
pub(crate) async fn fresh(database: Database) -> (String, Store) {
    let url = match database {
        Database::Sqlite => "sqlite::memory:".to_owned(),
        Database::Postgres => postgres().await,
    };
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    (url, store)
}

/// A new database on the server that `TEST_POSTGRES` names. It belongs to a role that policies on rows bind, unlike the
/// superuser who makes it. Nothing is skipped when there is no server: the test fails.
async fn postgres() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    /// Made once; many tests come to it at the same time.
    const ROLE: &str = "DO $$ BEGIN CREATE ROLE sayso_test LOGIN PASSWORD 'sayso_test'; \
                        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings of their own"
    )]
    let server = std::env::var("TEST_POSTGRES")
        .expect("TEST_POSTGRES names no Postgres server; run ./test, which starts one");
    let name = format!(
        "doors_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let made = tokio::process::Command::new("psql")
        .args([&server, "-q", "-c", ROLE, "-c"])
        .arg(format!("CREATE DATABASE {name} OWNER sayso_test"))
        .status()
        .await
        .unwrap();
    assert!(made.success());
    let (_, place) = server.rsplit_once('@').unwrap();
    let (host, _) = place.rsplit_once('/').unwrap();
    format!("postgres://sayso_test:sayso_test@{host}/{name}")
}

/// Where people reach the servers of the tests.
pub(crate) const BASE_URL: &str = "http://todo.test";
/// What signs their sessions.
pub(crate) const SECRET: &str = "the secret of the tests, long enough";

/// Accounts as they are without settings.
pub(crate) fn settings() -> Settings {
    let secrets = Secrets::new("", SECRET).unwrap().unwrap();
    Settings::new(BASE_URL.parse().unwrap(), secrets)
}

/// The password of everybody who signs up.
pub(crate) const PASSWORD: &str = "correct horse 1";

pub(crate) struct Harness {
    pub(crate) app: App,
    pub(crate) accounts: Accounts,
    pub(crate) router: Router,
}

/// As fast with models as a test wants it, and otherwise the same.
pub(crate) fn patience() -> agent::Settings {
    agent::Settings {
        first_byte_timeout: Duration::from_secs(10),
        silence_timeout: Duration::from_secs(10),
        retry_base: Duration::from_millis(1),
        ..agent::Settings::default()
    }
}

impl Harness {
    pub(crate) async fn new(database: Database) -> Self {
        let (_, store) = fresh(database).await;
        Self::on(store)
    }

    pub(crate) fn on(store: Store) -> Self {
        Self::with(store, NOW, settings(), Edge::default())
    }

    pub(crate) fn with(store: Store, now: &str, settings: Settings, edge: Edge) -> Self {
        let now: Timestamp = now.parse().unwrap();
        Self::at(store, Clock::fixed(now), settings, edge)
    }

    pub(crate) fn at(store: Store, clock: Clock, settings: Settings, edge: Edge) -> Self {
        let app = App::new(store.clone(), clock);
        Self::of(store, app, settings, edge)
    }

    /// One whose agents are given every tool there is.
    pub(crate) async fn searching(database: Database) -> Self {
        let (_, store) = fresh(database).await;
        let edge = Edge {
            toolset: mcp::Toolset::Search,
            ..Edge::default()
        };
        Self::with(store, NOW, settings(), edge)
    }

    /// One that may ask `model`, at the usual time.
    pub(crate) fn asking(store: Store, model: &Model) -> Self {
        Self::asking_at(store, NOW, &[model], ModelSettings::default())
    }

    /// One that may ask these models, in their order.
    pub(crate) fn asking_at(
        store: Store,
        now: &str,
        models: &[&Model],
        settings: ModelSettings,
    ) -> Self {
        Self::asking_with(store, now, models, settings, patience())
    }

    /// One that may ask these models, and has so much patience with them.
    pub(crate) fn asking_with(
        store: Store,
        now: &str,
        models: &[&Model],
        settings: ModelSettings,
        patience: agent::Settings,
    ) -> Self {
        let provider = |(n, model): (usize, &&Model)| Provider {
            name: format!("provider-{n}"),
            base_url: model.url(),
            key: Key::new("sk-test"),
            model: format!("scripted-{n}"),
        };
        let providers = models.iter().enumerate().map(provider).collect();
        let models = Models::new(providers, patience).unwrap();
        let clock = Clock::fixed(now.parse().unwrap());
        let app = App::with_models(store.clone(), clock, models, settings);
        Self::of(store, app, self::settings(), Edge::default())
    }

    fn of(store: Store, app: App, settings: Settings, edge: Edge) -> Self {
        let accounts = Accounts::new(store, app.clock().clone(), settings).unwrap();
        Self {
            router: server::router(app.clone(), accounts.clone(), edge),
            app,
            accounts,
        }
    }

    /// A new user with a token.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let id = self
            .accounts
            .create_user(&format!("{name}@example.com"), name)
            .await
            .unwrap();
        self.client(id).await
    }

    pub(crate) async fn client(&self, id: UserId) -> Client {
        let token = self
            .accounts
            .create_token(&id, "test", domain::Access::Write, None, &From::default())
            .await
            .unwrap()
            .secret;
        let client = Client {
            router: self.router.clone(),
            id,
            token,
            conversation: None,
        };
        client
            .patch("/settings", json!({ "time_zone": "Europe/Lisbon" }))
            .await;
        client
    }

    /// Sends a form.
    pub(crate) async fn submit(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(form(fields).into()).unwrap()).await
    }

    /// Sends anything at all.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: axum::response::Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and detail of a problem, in one line.
    pub(crate) fn problem(&self) -> String {
        let body = self.json();
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        assert_eq!(body["request_id"], self.header("x-request-id"));
        let code = body["type"]
            .as_str()
            .unwrap()
            .trim_start_matches("urn:sayso:")
            .to_owned();
        format!(
            "{} {code}: {}",
            self.status,
            body["detail"].as_str().unwrap()
        )
    }
}

/// Somebody with a token.
pub(crate) struct Client {
    router: Router,
    pub(crate) id: UserId,
    pub(crate) token: String,
    conversation: Option<i64>,
}

impl Client {
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let path = if path.starts_with("/api") {
            path.to_owned()
        } else {
            format!("/api/{}{path}", self.id)
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string().into()),
            None => request.body(Body::empty()),
        };
        Answer::of(self.router.clone().oneshot(request.unwrap()).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body), &[]).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body), &[]).await
    }

    /// Adds a task and returns its number.
    pub(crate) async fn add(&self, task: Value) -> i64 {
        let answer = self.post("/tasks", task).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_i64().unwrap()
    }

    /// Says something in the client's conversation and returns the reply in words.
    pub(crate) async fn say(&mut self, message: &str) -> String {
        self.turn(message).await["response"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Says something in the client's conversation and returns the whole answer.
    pub(crate) async fn turn(&mut self, message: &str) -> Value {
        let mut body = json!({ "message": message });
        if let Some(conversation) = self.conversation {
            body["conversation_id"] = json!(conversation);
        }
        let answer = self.post("/chat", body).await;
        assert_eq!(answer.status, 200, "{message}: {answer:?}");
        self.conversation = answer.json()["conversation_id"].as_i64();
        answer.json()
    }

    /// Sends a request and gives the answer while it is still coming.
    pub(crate) async fn open(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> axum::response::Response {
        let authorization = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend(headers);
        let path = format!("/api/{}{path}", self.id);
        let request = request(method, &path, &all, body);
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Begins a new conversation with the next message.
    pub(crate) fn begin_anew(&mut self) {
        self.conversation = None;
    }

    /// Goes on in the conversation of another client of the same user.
    pub(crate) fn continue_from(&mut self, other: &Self) {
        self.conversation = other.conversation;
    }

    /// Every task, one line each: number, box, title, and what else it has.
    pub(crate) async fn tasks(&self) -> String {
        let answer = self.get("/tasks?status=all&order=added").await;
        let line = |task: &Value| {
            let mut line = format!(
                "{} [{}] {}",
                task["id"],
                if task["completed"] == true { "x" } else { " " },
                task["title"].as_str().unwrap()
            );
            for (mark, field) in [(" due ", "due_date"), (" every ", "recurrence")] {
                if let Some(text) = task[field].as_str() {
                    line.push_str(mark);
                    line.push_str(text);
                }
            }
            if task["priority"] != "none" {
                line.push_str(&format!(" {}", task["priority"].as_str().unwrap()));
            }
            for tag in task["tags"].as_array().unwrap() {
                line.push_str(&format!(" @{}", tag.as_str().unwrap()));
            }
            line
        };
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// What the forms of a page carry and no other site can know. `None` if nobody is signed in there.
pub(crate) fn csrf(page: &str) -> Option<&str> {
    let rest = page.split("name=\"csrf\" value=\"").nth(1)?;
    rest.split('"').next()
}

/// Names and values, as a query or a form has them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A request with these headers, and this JSON if there is any.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(body.to_string().into()),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

impl Harness {
    pub(crate) async fn auth(&self, path: &str, body: Value) -> Answer {
        self.send(request(
            "POST",
            &format!("/api/auth{path}"),
            &[],
            Some(&body),
        ))
        .await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, None)).await
    }

    /// Somebody new: their id, and their session as a cookie and as a bearer.
    pub(crate) async fn sign_up(&self, name: &str) -> SignedUp {
        let body =
            json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        let answer = self.auth("/sign-up/email", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        SignedUp {
            id: answer.json()["user"]["id"].as_str().unwrap().to_owned(),
            cookie: answer
                .header("set-cookie")
                .split(';')
                .next()
                .unwrap()
                .to_owned(),
            bearer: format!("Bearer {}", answer.header("set-auth-token")),
        }
    }

    pub(crate) async fn jwt(&self, of: &SignedUp) -> String {
        let answer = self
            .get("/api/auth/token", &[("authorization", &of.bearer)])
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        format!("Bearer {}", answer.json()["token"].as_str().unwrap())
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.auth(
            "/sign-in/email",
            json!({ "email": email, "password": password }),
        )
        .await
    }

    /// The status of a request for somebody's tasks.
    pub(crate) async fn tasks(&self, headers: &[(&str, &str)]) -> u16 {
        self.get("/api/tasks", headers).await.status
    }
}

/// Somebody who has signed up.
pub(crate) struct SignedUp {
    pub(crate) id: String,
    /// Their session, as a browser sends it.
    pub(crate) cookie: String,
    /// Their session, as a program sends it.
    pub(crate) bearer: String,
}

/// A part of a JSON web token.
pub(crate) fn encoded(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// A token with this head and these claims, signed with HMAC under `key`.
pub(crate) fn hmac_signed(head: &Value, claims: &str, key: &[u8]) -> String {
    let body = format!("{}.{claims}", encoded(head.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    format!("{body}.{}", encoded(hmac::sign(&key, body.as_bytes())))
}
