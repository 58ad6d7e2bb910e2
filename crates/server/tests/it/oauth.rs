//! Agents that are let in by OAuth: the way in, every way that is none, and the way out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use accounts::{Credential, Settings};
use axum::http::{StatusCode, Uri, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Access, Clock};
use serde_json::{Value, json};
use server::{Edge, LimitSettings};
use store::Store;
use url::Url;

use crate::external::{issuer, vouched_for_by};
use crate::harness::{
    Answer, BASE_URL, BOTH, Database, Harness, NOW, PASSWORD, SECRET, SignedUp, csrf, encoded,
    form, fresh, hmac_signed, request, settings,
};

const RESOURCE: &str = "http://todo.test/mcp";
const VERIFIER: &str = "a-verifier-of-more-than-forty-three-letters-0123456789";
const BACK: &str = "https://agent.example/back";

fn challenge(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

/// A site of documents, on a real socket; it counts who asks.
struct Site {
    origin: String,
    asked: Arc<AtomicUsize>,
    pages: Arc<Mutex<HashMap<String, (u16, String)>>>,
}

impl Site {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (asked, pages) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::<Mutex<HashMap<String, (u16, String)>>>::default(),
        );
        let router = axum::Router::new().fallback({
            let (asked, pages) = (asked.clone(), pages.clone());
            async move |uri: Uri| {
                asked.fetch_add(1, Ordering::Relaxed);
                let page = pages.lock().unwrap().get(uri.path()).cloned();
                let (status, body) = page.unwrap_or((404, String::new()));
                // Where those lead that are redirects.
                let to = [(header::LOCATION, "/client.json")];
                (StatusCode::from_u16(status).unwrap(), to, body)
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            origin,
            asked,
            pages,
        }
    }

    /// A document that names itself, with these changes; its address.
    fn document(&self, path: &str, changes: &Value) -> String {
        let id = format!("{}{path}", self.origin);
        let mut document = json!({
            "client_id": id,
            "client_name": "Agent Smith",
            "redirect_uris": [BACK, "http://127.0.0.1/back", "smith://back"],
            "token_endpoint_auth_method": "none",
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        self.page(path, 200, &document.to_string());
        id
    }

    fn page(&self, path: &str, status: u16, body: &str) {
        self.pages
            .lock()
            .unwrap()
            .insert(path.to_owned(), (status, body.to_owned()));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// A server with a clock that can be moved, Ana, and an agent that wants to act for her.
struct World {
    harness: Harness,
    store: Store,
    passed: Arc<AtomicU64>,
    site: Site,
    ana: SignedUp,
    agent: String,
}

fn open_settings() -> Settings {
    Settings {
        oauth_registration: true,
        agents_on_loopback: true,
        ..settings()
    }
}

impl World {
    async fn new(database: Database) -> Self {
        Self::with(database, open_settings()).await
    }

    async fn with(database: Database, settings: Settings) -> Self {
        let (_, store) = fresh(database).await;
        let passed = Arc::new(AtomicU64::new(0));
        let now = NOW.parse::<jiff::Timestamp>().unwrap();
        let clock = Clock::from_fn({
            let passed = passed.clone();
            move || now + Duration::from_secs(passed.load(Ordering::Relaxed))
        });
        let harness = Harness::at(store.clone(), clock, settings, Edge::default());
        let site = Site::new().await;
        let agent = site.document("/client.json", &json!({}));
        let ana = harness.sign_up("ana").await;
        Self {
            harness,
            store,
            passed,
            site,
            ana,
            agent,
        }
    }

    fn pass(&self, seconds: u64) {
        self.passed.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The query of an authorization request, with these changes; an empty value takes a parameter away.
    fn query(&self, changes: &[(&str, &str)]) -> String {
        let challenge = challenge(VERIFIER);
        let mut all: Vec<(&str, &str)> = vec![
            ("response_type", "code"),
            ("client_id", &self.agent),
            ("redirect_uri", BACK),
            ("state", "s t&te"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", RESOURCE),
            ("scope", "tasks:read tasks:write"),
        ];
        all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        form(&all)
    }

    /// The page that asks somebody.
    async fn ask(&self, who: &SignedUp, changes: &[(&str, &str)]) -> Answer {
        let path = format!("/oauth/authorize?{}", self.query(changes));
        self.harness.get(&path, &[("cookie", &who.cookie)]).await
    }

    /// What somebody is shown who answers.
    async fn answer(
        &self,
        who: &SignedUp,
        changes: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let page = self.ask(who, changes).await;
        assert_eq!(page.status, 200, "{page:?}");
        let query = self.query(changes);
        let mut all = vec![("csrf", csrf(&page.text).unwrap()), ("request", &query)];
        all.extend(fields);
        self.harness
            .submit(
                "/oauth/authorize",
                &[("cookie", &who.cookie), ("origin", BASE_URL)],
                &all,
            )
            .await
    }

    /// The code that the agent is sent when Ana says yes to this.
    async fn code(&self, changes: &[(&str, &str)], access: &str) -> String {
        let answer = self
            .answer(&self.ana, changes, &[("answer", "yes"), ("access", access)])
            .await;
        let sent = sent_back(&answer);
        sent.get("code")
            .unwrap_or_else(|| panic!("{sent:?}"))
            .clone()
    }

    /// What the token endpoint answers to a code, with these changes to what is sent.
    async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", &self.agent),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
            ("resource", RESOURCE),
        ];
        all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        self.harness.submit("/oauth/token", &[], &all).await
    }

    async fn refresh(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &self.agent),
        ];
        all.extend(more);
        self.harness.submit("/oauth/token", &[], &all).await
    }

    /// The tokens of an agent that Ana has let in.
    async fn connect(&self, access: &str) -> Tokens {
        let code = self.code(&[], access).await;
        Tokens::of(&self.redeem(&code, &[]).await)
    }

    /// Whom a token makes, at the MCP endpoint.
    async fn guest(&self, token: &str) -> Option<(String, String, Access)> {
        guest(&self.harness, token).await
    }

    async fn events(&self) -> Vec<String> {
        let ana = self.harness.accounts.user(&self.ana.id).await.unwrap();
        let events = self.harness.accounts.security_events(&ana, 50).await;
        let kinds = events.unwrap().into_iter().map(|event| event.kind);
        // In this order, for the clock stands still.
        let mut kinds: Vec<_> = kinds.filter(|kind| kind.starts_with("agent")).collect();
        kinds.sort();
        kinds
    }
}

async fn guest(harness: &Harness, token: &str) -> Option<(String, String, Access)> {
    let credential = Credential::bearer(token.trim_start_matches("Bearer "));
    let guest = harness.accounts.guest(&credential).await.unwrap();
    guest.map(|guest| (guest.user.to_string(), guest.name, guest.access))
}

#[derive(Debug)]
struct Tokens {
    access: String,
    refresh: String,
    scope: String,
}

impl Tokens {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        assert_eq!(
            (body["token_type"].as_str(), body["expires_in"].as_i64()),
            (Some("Bearer"), Some(3600))
        );
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            scope: text("scope"),
        }
    }
}

/// What somebody takes along who is sent back to the agent, and whether they go by themselves.
fn sent_back(answer: &Answer) -> HashMap<String, String> {
    let link = answer.text.split("<a href=\"").nth(1);
    let link = link.unwrap_or_else(|| panic!("{answer:?}"));
    let address = link.split('"').next().unwrap().replace("&#38;", "&");
    let url: Url = address.parse().unwrap();
    let mut all: HashMap<String, String> = url.query_pairs().into_owned().collect();
    all.insert("to".to_owned(), url[..url::Position::AfterPath].to_owned());
    let refresh = answer.header("refresh");
    if !refresh.is_empty() {
        assert_eq!(refresh, format!("0;url={address}"));
        all.insert("by itself".to_owned(), String::new());
    }
    all
}

/// The answer that has tokens of two that were asked for at once; there may be none, and never two.
fn won((one, other): (Answer, Answer)) -> Option<Answer> {
    let mut won = vec![one, other];
    won.retain(|answer| answer.status == 200);
    assert!(won.len() <= 1, "{won:?}");
    won.pop()
}

/// The code of an error, and its status.
fn error(answer: &Answer) -> (u16, String) {
    (
        answer.status,
        answer.json()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!(error(answer), (400, code.to_owned()), "{answer:?}");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn an_agent_is_let_in_by_its_document_and_shown_out() {
    for database in BOTH {
        let world = World::new(database).await;
        let harness = &world.harness;
        for path in [
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
        ] {
            let resource = harness.get(path, &[]).await.json();
            assert_eq!(resource["resource"], RESOURCE);
            assert_eq!(resource["authorization_servers"], json!([BASE_URL]));
            assert_eq!(
                resource["scopes_supported"],
                json!(["tasks:read", "tasks:write"])
            );
            assert_eq!(resource["bearer_methods_supported"], json!(["header"]));
        }
        let server = harness
            .get("/.well-known/oauth-authorization-server", &[])
            .await
            .json();
        assert_eq!(server["issuer"], BASE_URL);
        assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(
            server["token_endpoint_auth_methods_supported"],
            json!(["none"])
        );
        assert_eq!(server["client_id_metadata_document_supported"], true);
        assert_eq!(
            server["authorization_response_iss_parameter_supported"],
            true
        );
        assert_eq!(
            server["authorization_endpoint"],
            format!("{BASE_URL}/oauth/authorize")
        );
        assert_eq!(server["token_endpoint"], format!("{BASE_URL}/oauth/token"));

        // Who is not signed in signs in first, and nothing is fetched for them.
        let path = format!("/oauth/authorize?{}", world.query(&[]));
        let page = harness.get(&path, &[]).await;
        assert_eq!((page.status, world.site.asked()), (401, 0));
        let back = page.text.split("name=\"back\" value=\"").nth(1).unwrap();
        let back = back.split('"').next().unwrap().replace("&#38;", "&");
        assert_eq!(back, path);
        let fields = [
            ("email", "ana@example.com"),
            ("password", PASSWORD),
            ("back", &back),
        ];
        let signed_in = world
            .harness
            .submit("/sign-in", &[("origin", BASE_URL)], &fields)
            .await;
        assert_eq!(
            (signed_in.status, signed_in.header("location")),
            (303, path.as_str())
        );

        let page = world.ask(&world.ana, &[]).await;
        for told in [
            "Agent Smith",
            "<strong>127.0.0.1</strong>",
            "ana@example.com",
            "<strong>agent.example</strong>",
        ] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        assert!(page.text.contains("value=\"undoable\" checked"));
        let answer = world
            .answer(
                &world.ana,
                &[],
                &[("answer", "yes"), ("access", "undoable")],
            )
            .await;
        let sent = sent_back(&answer);
        assert_eq!(
            (
                sent["to"].as_str(),
                sent["state"].as_str(),
                sent["iss"].as_str()
            ),
            (BACK, "s t&te", BASE_URL)
        );
        assert!(!sent.contains_key("error") && sent.contains_key("by itself"));
        let answer = world.redeem(&sent["code"], &[]).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = Tokens::of(&answer);
        assert_eq!(tokens.scope, "tasks:read tasks:write");
        let ana = (
            world.ana.id.clone(),
            "Agent Smith".to_owned(),
            Access::Undoable,
        );
        assert_eq!(world.guest(&tokens.access).await, Some(ana.clone()));
        let claims: Value = serde_json::from_slice(
            &BASE64_URL_SAFE_NO_PAD
                .decode(tokens.access.split('.').nth(1).unwrap())
                .unwrap(),
        )
        .unwrap();
        assert_eq!(
            (&claims["aud"], &claims["iss"], &claims["client_id"]),
            (&json!(RESOURCE), &json!(BASE_URL), &json!(world.agent))
        );

        // She sees it on her page, in the API and in her export, and no secret of it.
        let cookie = [("cookie", world.ana.cookie.as_str())];
        let page = harness.get("/account", &cookie).await;
        for told in [
            "Agent Smith",
            "may change what can be undone",
            "since 25 Nov 2026",
            "used 25 Nov 2026",
        ] {
            assert!(page.text.contains(told), "{told}");
        }
        let agents = harness.get("/api/agents", &cookie).await.json();
        assert_eq!(
            (
                &agents[0]["name"],
                &agents[0]["access"],
                &agents[0]["client_id"]
            ),
            (
                &json!("Agent Smith"),
                &json!("undoable"),
                &json!(world.agent)
            )
        );
        let export = harness.get("/api/export", &cookie).await;
        assert_eq!(export.json()["account"]["agents"][0]["name"], "Agent Smith");
        for secret in [&tokens.access, &tokens.refresh, &sent["code"]] {
            assert!(!export.text.contains(secret.as_str()));
        }

        // Shown out, it is out at once, on another copy of the server too.
        let copy = Harness::on(world.store.clone());
        assert_eq!(guest(&copy, &tokens.access).await, Some(ana));
        let id = agents[0]["id"].as_str().unwrap();
        let fields = [("csrf", csrf(&page.text).unwrap()), ("id", id)];
        let headers = [cookie[0], ("origin", BASE_URL)];
        let out = world
            .harness
            .submit("/account/disconnect", &headers, &fields)
            .await;
        assert_eq!((out.status, out.header("location")), (303, "/account"));
        for harness in [harness, &copy] {
            assert_eq!(guest(harness, &tokens.access).await, None);
        }
        assert_refused(&world.refresh(&tokens.refresh, &[]).await, "invalid_grant");
        assert_eq!(harness.get("/api/agents", &cookie).await.json(), json!([]));
        assert_eq!(
            world.events().await,
            ["agent-connected", "agent-disconnected"]
        );
    }
}

#[tokio::test]
async fn somebody_else_disconnects_nobody() {
    let world = World::new(Database::Sqlite).await;
    let tokens = world.connect("write").await;
    let ben = world.harness.sign_up("ben").await;
    let cookie = |of: &SignedUp| {
        [
            ("cookie", of.cookie.clone()),
            ("origin", BASE_URL.to_owned()),
        ]
    };
    let id = world
        .harness
        .get("/api/agents", &[("cookie", &world.ana.cookie)])
        .await
        .json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let delete = async |of: &SignedUp| {
        let headers = cookie(of);
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        world
            .harness
            .send(request(
                "DELETE",
                &format!("/api/agents/{id}"),
                &headers,
                None,
            ))
            .await
    };
    assert!(
        delete(&ben)
            .await
            .problem()
            .starts_with("404 no-such-agent")
    );
    assert!(world.guest(&tokens.access).await.is_some());
    // Nor does the agent do so itself, or any program: it takes a person.
    let path = format!("/api/agents/{id}");
    let user = world.harness.accounts.user(&world.ana.id).await.unwrap();
    let program = world.harness.client(user).await;
    assert_eq!(program.send("DELETE", &path, None, &[]).await.status, 403);
    assert_eq!(delete(&world.ana).await.status, 204);
    assert_eq!(world.guest(&tokens.access).await, None);
}

async fn register(harness: &Harness, body: &Value) -> Answer {
    let request = request("POST", "/oauth/register", &[], Some(body));
    harness.send(request).await
}

#[tokio::test]
async fn an_agent_registers_itself_where_that_is_allowed() {
    let world = World::new(Database::Sqlite).await;
    let wish = json!({ "client_name": "Smith\u{202e}  II", "redirect_uris": ["http://localhost/back", "cursor://smith/back"] });
    let closed = Harness::on(world.store.clone());
    assert_eq!(register(&closed, &wish).await.status, 404);
    let metadata = async |harness: &Harness| {
        harness
            .get("/.well-known/oauth-authorization-server", &[])
            .await
            .json()
    };
    assert_eq!(metadata(&closed).await.get("registration_endpoint"), None);
    assert_eq!(
        metadata(&world.harness).await["registration_endpoint"],
        format!("{BASE_URL}/oauth/register")
    );

    let made = register(&world.harness, &wish).await;
    let client = made.json();
    assert_eq!(
        (
            made.status,
            &client["client_name"],
            &client["token_endpoint_auth_method"]
        ),
        (201, &json!("Smith II"), &json!("none"))
    );
    assert_eq!(client.get("client_secret"), None);
    let id = client["client_id"].as_str().unwrap();
    let changes = [
        ("client_id", id),
        ("redirect_uri", "http://localhost:4711/back"),
    ];
    let page = world.ask(&world.ana, &changes).await;
    assert!(page.text.contains("Smith II") && page.text.contains("anybody can choose that name"));
    assert!(
        page.text
            .contains("<strong>this machine</strong> (localhost)")
            && page.text.contains("just started this yourself")
    );
    let code = world.code(&changes, "propose").await;
    let redeemed = world
        .redeem(&code, &[("client_id", id), ("redirect_uri", changes[1].1)])
        .await;
    let tokens = Tokens::of(&redeemed);
    assert_eq!(
        world.guest(&tokens.access).await,
        Some((world.ana.id.clone(), "Smith II".to_owned(), Access::Propose))
    );
    // A program's own scheme.
    let changes = [("client_id", id), ("redirect_uri", "cursor://smith/back")];
    assert!(
        world
            .ask(&world.ana, &changes)
            .await
            .text
            .contains("<strong>cursor:</strong>")
    );
    let answer = world
        .answer(
            &world.ana,
            &changes,
            &[("answer", "yes"), ("access", "read")],
        )
        .await;
    assert_eq!(sent_back(&answer)["to"], "cursor://smith/back");
}

#[tokio::test]
async fn an_agent_that_wants_what_is_not_done_here_cannot_register() {
    let world = World::new(Database::Sqlite).await;
    for (what, code) in [
        (json!({ "client_name": "x" }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (
            json!({ "redirect_uris": ["http://agent.example/back"] }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "redirect_uris": ["https://agent.example/back#x"] }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "redirect_uris": [BACK], "token_endpoint_auth_method": "client_secret_basic" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [BACK], "grant_types": ["client_credentials"] }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [BACK], "response_types": ["token"] }),
            "invalid_client_metadata",
        ),
        (json!({ "redirect_uris": BACK }), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        assert_eq!(
            error(&register(&world.harness, &what).await),
            (400, code.to_owned()),
            "{what}"
        );
    }
}

#[tokio::test]
async fn what_an_agent_asks_wrongly_is_told_to_it_once_it_is_known() {
    let world = World::new(Database::Sqlite).await;
    let long = "x".repeat(44);
    for (changes, code) in [
        (
            vec![("response_type", "token")],
            "unsupported_response_type",
        ),
        (vec![("response_type", "")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", "short")], "invalid_request"),
        (vec![("code_challenge", &long)], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("code_challenge_method", "")], "invalid_request"),
        (vec![("response_mode", "fragment")], "invalid_request"),
        (
            vec![("request_uri", "https://agent.example/x")],
            "request_uri_not_supported",
        ),
        (
            vec![("scope", "tasks:read"), ("scope", "tasks:write")],
            "invalid_request",
        ),
        (
            vec![("resource", "https://other.example/mcp")],
            "invalid_target",
        ),
        (vec![("resource", BASE_URL)], "invalid_target"),
        (
            vec![
                ("resource", RESOURCE),
                ("resource", "https://other.example/mcp"),
            ],
            "invalid_target",
        ),
    ] {
        let answer = world.ask(&world.ana, &changes).await;
        let sent = sent_back(&answer);
        assert_eq!(
            (
                sent["to"].as_str(),
                sent["error"].as_str(),
                sent["state"].as_str(),
                sent["iss"].as_str()
            ),
            (BACK, code, "s t&te", BASE_URL),
            "{changes:?}"
        );
        assert!(!sent.contains_key("code") && !answer.text.contains("name=\"csrf\""));
        // Anybody can describe an agent; a link to us leads nobody to its site by itself.
        assert!(!sent.contains_key("by itself"), "{changes:?}");
    }
    let here = [
        ("redirect_uri", "http://127.0.0.1/back"),
        ("scope", "a"),
        ("scope", "b"),
    ];
    let sent = sent_back(&world.ask(&world.ana, &here).await);
    assert!(
        sent.contains_key("by itself"),
        "who waits on this machine is told at once"
    );
    let program = [("redirect_uri", "smith://back"), ("response_type", "token")];
    let page = world.ask(&world.ana, &program).await;
    assert_eq!(
        page.header("refresh"),
        "",
        "a link to us opens no program by itself"
    );
    assert!(
        page.text.contains("<a href=\"smith://back?error="),
        "{page:?}"
    );
    // Saying no is an answer too.
    let no = sent_back(
        &world
            .answer(&world.ana, &[], &[("answer", "no"), ("access", "write")])
            .await,
    );
    assert_eq!(
        (
            no["error"].as_str(),
            no["state"].as_str(),
            no["iss"].as_str()
        ),
        ("access_denied", "s t&te", BASE_URL)
    );
    // Without resource, scope and state, it is what there is.
    let code = world
        .code(&[("resource", ""), ("scope", ""), ("state", "")], "write")
        .await;
    let tokens = Tokens::of(&world.redeem(&code, &[("resource", "")]).await);
    assert_eq!(world.guest(&tokens.access).await.unwrap().2, Access::Write);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_agents() {
    let world = World::new(Database::Sqlite).await;
    let liar = world.site.document(
        "/liar.json",
        &json!({ "client_id": "https://agent.example/client.json" }),
    );
    let secret = world.site.document(
        "/secret.json",
        &json!({ "token_endpoint_auth_method": "private_key_jwt" }),
    );
    let open = world.site.document(
        "/open.json",
        &json!({ "redirect_uris": ["http://agent.example/back"] }),
    );
    for changes in [
        vec![("redirect_uri", "https://evil.example/back")],
        vec![("redirect_uri", "https://agent.example/back/")],
        vec![("redirect_uri", "https://agent.example/back?x=y")],
        vec![("redirect_uri", "https://agent.example:444/back")],
        vec![("redirect_uri", "http://127.0.0.1.evil.example/back")],
        vec![("redirect_uri", "http://localhost/back")],
        vec![("redirect_uri", "javascript:alert(1)")],
        vec![("redirect_uri", "")],
        vec![
            ("redirect_uri", BACK),
            ("redirect_uri", "https://evil.example/"),
        ],
        vec![("client_id", "")],
        vec![("client_id", "nobody")],
        vec![("client_id", &liar)],
        vec![("client_id", &secret)],
        vec![
            ("client_id", &open),
            ("redirect_uri", "http://agent.example/back"),
        ],
    ] {
        let page = world.ask(&world.ana, &changes).await;
        assert_eq!(
            (page.status, page.header("refresh"), page.header("location")),
            (400, "", ""),
            "{changes:?}"
        );
        assert!(
            page.text.contains("role=\"alert\"") && !page.text.contains("name=\"csrf\""),
            "{changes:?}"
        );
        assert!(!page.text.contains("evil.example"), "{changes:?}");
    }
    // The port of this machine is the program's to choose.
    let page = world
        .ask(
            &world.ana,
            &[("redirect_uri", "http://127.0.0.1:51234/back")],
        )
        .await;
    assert!(page.text.contains("this machine"), "{page:?}");
    // Who would rather sign but can do without is let in.
    let able = json!({ "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"] });
    let able = world.site.document("/able.json", &able);
    assert_eq!(
        world.ask(&world.ana, &[("client_id", &able)]).await.status,
        200
    );
}

#[tokio::test]
async fn only_a_person_on_their_own_page_says_yes() {
    let world = World::new(Database::Sqlite).await;
    let ben = world.harness.sign_up("ben").await;
    let (bens, anas) = (world.ask(&ben, &[]).await, world.ask(&world.ana, &[]).await);
    let (bens, anas) = (csrf(&bens.text).unwrap(), csrf(&anas.text).unwrap());
    let query = world.query(&[]);
    let own = [("cookie", world.ana.cookie.as_str()), ("origin", BASE_URL)];
    let foreign = [own[0], ("origin", "https://evil.example")];
    let none = [("origin", BASE_URL)];
    let bearer = [
        ("authorization", world.ana.bearer.as_str()),
        ("origin", BASE_URL),
    ];
    for (headers, csrf, status) in [
        (&own[..], "", 422),
        (&own, "x", 403),
        (&own, bens, 403),
        (&foreign, anas, 401),
        (&own[..1], anas, 401),
        (&none, anas, 401),
        (&bearer, anas, 401),
    ] {
        let mut fields = vec![
            ("request", query.as_str()),
            ("answer", "yes"),
            ("access", "write"),
        ];
        if !csrf.is_empty() {
            fields.push(("csrf", csrf));
        }
        let answer = world
            .harness
            .submit("/oauth/authorize", headers, &fields)
            .await;
        assert_eq!(
            (answer.status, answer.header("refresh")),
            (status, ""),
            "{headers:?} {csrf}"
        );
    }
    assert!(world.events().await.is_empty());
    // Nor does the page that asks let itself be framed.
    let page = world.ask(&world.ana, &[]).await;
    assert_eq!(page.header("x-frame-options"), "DENY");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
    assert_eq!(page.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_code_is_worth_something_once_soon_and_to_whoever_asked_for_it() {
    for database in BOTH {
        let world = World::new(database).await;
        let other = world.site.document("/other.json", &json!({}));
        let code = world.code(&[], "write").await;
        let wrong = "another-verifier-of-more-than-forty-three-letters";
        let short = &VERIFIER[..20];
        for (changes, expected) in [
            (("code_verifier", wrong), "invalid_grant"),
            (("code_verifier", short), "invalid_grant"),
            (
                ("code_verifier", challenge(VERIFIER).as_str()),
                "invalid_grant",
            ),
            (("code_verifier", ""), "invalid_request"),
            (("client_id", &other), "invalid_grant"),
            (("client_id", ""), "invalid_request"),
            (
                ("redirect_uri", "https://agent.example/other"),
                "invalid_grant",
            ),
            (("resource", "https://other.example/mcp"), "invalid_target"),
            (("code", "nonsense"), "invalid_grant"),
            (("code", ""), "invalid_request"),
            (
                ("grant_type", "client_credentials"),
                "unsupported_grant_type",
            ),
            (("grant_type", ""), "invalid_request"),
        ] {
            let answer = world.redeem(&code, &[changes]).await;
            assert_eq!(error(&answer), (400, expected.to_owned()), "{changes:?}");
        }
        let tokens = Tokens::of(&world.redeem(&code, &[]).await);
        assert!(world.guest(&tokens.access).await.is_some());
        // Shown again, it ends what came of it.
        assert_refused(&world.redeem(&code, &[]).await, "invalid_grant");
        assert_eq!(world.guest(&tokens.access).await, None);
        assert_refused(&world.refresh(&tokens.refresh, &[]).await, "invalid_grant");
        assert_eq!(
            world.events().await,
            ["agent-code-replayed", "agent-connected"]
        );

        let code = world.code(&[], "write").await;
        let both = tokio::join!(world.redeem(&code, &[]), world.redeem(&code, &[]));
        if let Some(answer) = won(both) {
            assert_eq!(
                world.guest(&Tokens::of(&answer).access).await,
                None,
                "of two who show it one is a thief"
            );
        }

        let code = world.code(&[], "write").await;
        world.pass(60);
        assert_refused(&world.redeem(&code, &[]).await, "invalid_grant");
        let body = json!({ "grant_type": "authorization_code", "code": code });
        let answer = world
            .harness
            .send(request("POST", "/oauth/token", &[], Some(&body)))
            .await;
        // Forms only.
        assert_refused(&answer, "invalid_request");
    }
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_a_thief_ends_it_for_both() {
    for database in BOTH {
        let world = World::new(database).await;
        let first = world.connect("undoable").await;
        let other = world.site.document("/other.json", &json!({}));
        let mistaken = [
            ("grant_type", "refresh_token"),
            ("refresh_token", first.refresh.as_str()),
            ("client_id", &other),
        ];
        assert_refused(
            &world.harness.submit("/oauth/token", &[], &mistaken).await,
            "invalid_grant",
        );
        assert_refused(
            &world
                .refresh(&first.refresh, &[("resource", "https://other.example/mcp")])
                .await,
            "invalid_target",
        );
        let second = Tokens::of(
            &world
                .refresh(&first.refresh, &[("resource", RESOURCE)])
                .await,
        );
        let third = Tokens::of(&world.refresh(&second.refresh, &[]).await);
        for tokens in [&first, &second, &third] {
            assert_eq!(
                world.guest(&tokens.access).await.unwrap().2,
                Access::Undoable
            );
        }
        // Sooner or later the one comes who does not have the newest.
        assert_refused(&world.refresh(&first.refresh, &[]).await, "invalid_grant");
        for tokens in [&first, &second, &third] {
            assert_eq!(world.guest(&tokens.access).await, None);
            assert_refused(&world.refresh(&tokens.refresh, &[]).await, "invalid_grant");
        }
        assert_eq!(
            world.events().await,
            ["agent-connected", "agent-token-replayed"]
        );

        let tokens = world.connect("undoable").await;
        let both = tokio::join!(
            world.refresh(&tokens.refresh, &[]),
            world.refresh(&tokens.refresh, &[])
        );
        won(both);
        assert_eq!(world.guest(&tokens.access).await, None);
    }
}

#[tokio::test]
async fn tokens_end_and_an_agent_that_stays_away_is_gone() {
    const DAY: u64 = 24 * 60 * 60;
    let world = World::new(Database::Sqlite).await;
    let first = world.connect("write").await;
    world.pass(3600);
    assert!(
        world.guest(&first.access).await.is_some(),
        "clocks may differ by ten seconds"
    );
    world.pass(10);
    assert_eq!(world.guest(&first.access).await, None);
    world.pass(59 * DAY);
    let second = Tokens::of(&world.refresh(&first.refresh, &[]).await);
    world.pass(59 * DAY);
    world.harness.accounts.remove_ended().await.unwrap();
    let third = Tokens::of(&world.refresh(&second.refresh, &[]).await);
    assert!(world.guest(&third.access).await.is_some());
    world.pass(60 * DAY);
    assert_refused(&world.refresh(&third.refresh, &[]).await, "invalid_grant");
    let ana = world.harness.accounts.user(&world.ana.id).await.unwrap();
    assert!(
        world
            .harness
            .accounts
            .agents(&ana)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn scopes_only_ever_take_away() {
    let world = World::new(Database::Sqlite).await;
    let reading = [("scope", "tasks:read")];
    let page = world.ask(&world.ana, &reading).await;
    assert!(
        page.text.contains("look and change nothing") && !page.text.contains("name=\"access\"")
    );
    // Whatever a form says.
    let code = world.code(&reading, "write").await;
    let tokens = Tokens::of(&world.redeem(&code, &[]).await);
    assert_eq!(tokens.scope, "tasks:read");
    assert_eq!(world.guest(&tokens.access).await.unwrap().2, Access::Read);
    let more = world
        .refresh(&tokens.refresh, &[("scope", "tasks:read tasks:write")])
        .await;
    assert_refused(&more, "invalid_scope");
    assert_eq!(
        Tokens::of(&world.refresh(&tokens.refresh, &[]).await).scope,
        "tasks:read"
    );

    // What she chooses to give is less than what was asked for.
    let code = world.code(&[], "read").await;
    assert_eq!(
        Tokens::of(&world.redeem(&code, &[]).await).scope,
        "tasks:read"
    );
    let code = world.code(&[], "nonsense").await;
    let tokens = Tokens::of(&world.redeem(&code, &[]).await);
    assert_eq!(world.guest(&tokens.access).await.unwrap().2, Access::Read);

    // Names that are not ours are nothing.
    for (scope, changes) in [
        ("openid profile", false),
        ("tasks:writeable", false),
        ("offline_access tasks:write", true),
    ] {
        let page = world.ask(&world.ana, &[("scope", scope)]).await;
        assert_eq!(page.text.contains("name=\"access\""), changes, "{scope}");
    }
    // A token for less than the grant.
    let tokens = world.connect("write").await;
    let less = Tokens::of(&world.refresh(&tokens.refresh, &reading).await);
    assert_eq!(
        (
            less.scope.as_str(),
            world.guest(&less.access).await.unwrap().2
        ),
        ("tasks:read", Access::Read)
    );
    let again = Tokens::of(&world.refresh(&less.refresh, &[]).await);
    assert_eq!(world.guest(&again.access).await.unwrap().2, Access::Write);
}

#[tokio::test]
async fn a_token_of_an_agent_is_nothing_elsewhere() {
    let world = World::new(Database::Sqlite).await;
    let harness = &world.harness;
    let tokens = world.connect("write").await;
    // The agent's, everywhere but at the MCP endpoint.
    let bearer = format!("Bearer {}", tokens.access);
    for path in [
        "/api/tasks",
        &format!("/api/{}/tasks", world.ana.id),
        "/api/agents",
        "/api/export",
    ] {
        assert_eq!(
            harness
                .get(path, &[("authorization", &bearer)])
                .await
                .status,
            401,
            "{path}"
        );
    }
    assert_eq!(
        harness
            .get("/api/auth/get-session", &[("authorization", &bearer)])
            .await
            .text,
        "null"
    );
    assert_eq!(
        harness
            .get("/api/auth/token", &[("authorization", &bearer)])
            .await
            .status,
        401
    );
    assert_eq!(
        harness
            .get("/account", &[("authorization", &bearer)])
            .await
            .status,
        401
    );
    for token in [&tokens.refresh, &tokens.access] {
        let cookie = format!("better-auth.session_token={token}");
        assert_eq!(harness.tasks(&[("cookie", &cookie)]).await, 401);
    }
}

#[tokio::test]
async fn people_are_nobody_where_agents_come() {
    let world = World::new(Database::Sqlite).await;
    let harness = &world.harness;
    let tokens = world.connect("write").await;
    let jwt = harness.jwt(&world.ana).await;
    assert_eq!(harness.tasks(&[("authorization", &jwt)]).await, 200);
    let session = world
        .ana
        .bearer
        .trim_start_matches("Bearer ")
        .split('.')
        .next()
        .unwrap()
        .to_owned();
    for token in [
        &jwt,
        &world.ana.bearer,
        &session,
        &tokens.refresh,
        &"nonsense".to_owned(),
        &String::new(),
    ] {
        assert_eq!(world.guest(token).await, None, "{token}");
    }
    let value = world.ana.cookie.split_once('=').unwrap().1;
    let cookie = Credential::cookie("better-auth.session_token", value);
    assert!(harness.accounts.principal(&cookie).await.unwrap().is_some());
    assert_eq!(harness.accounts.guest(&cookie).await.unwrap(), None);
    // A personal token is the person's own doing.
    let user = harness.accounts.user(&world.ana.id).await.unwrap();
    let client = accounts::Client::default();
    let token = harness
        .accounts
        .create_token(&user, "calendar", Access::Propose, None, &client)
        .await
        .unwrap();
    assert_eq!(
        world.guest(&token.secret).await,
        Some((world.ana.id.clone(), "calendar".to_owned(), Access::Propose))
    );
    harness
        .accounts
        .revoke_token(&user, &token.token.id, &client)
        .await
        .unwrap();
    assert_eq!(world.guest(&token.secret).await, None);
}

#[tokio::test]
async fn no_token_can_be_made_of_another() {
    let world = World::new(Database::Sqlite).await;
    let harness = &world.harness;
    let tokens = world.connect("write").await;
    let jwt = harness.jwt(&world.ana).await;
    // The same key signs both kinds; nothing can be made of parts.
    let (at, person) = (tokens.access.as_str(), jwt.trim_start_matches("Bearer "));
    let part = |token: &str, n: usize| token.split('.').nth(n).unwrap().to_owned();
    for forged in [
        format!("{}.{}.{}", part(at, 0), part(person, 1), part(person, 2)),
        format!("{}.{}.{}", part(person, 0), part(at, 1), part(at, 2)),
        format!("{}.{}.{}", part(at, 0), part(at, 1), part(person, 2)),
        format!(
            "{}.{}.",
            encoded(r#"{"alg":"none","typ":"at+jwt"}"#),
            part(at, 1)
        ),
        format!("{}.{}", part(at, 0), part(at, 1)),
    ] {
        assert_eq!(world.guest(&forged).await, None, "{forged}");
        assert_eq!(
            harness
                .tasks(&[("authorization", &format!("Bearer {forged}"))])
                .await,
            401
        );
    }
    // Another server with the same keys and database, whose endpoint is elsewhere.
    let elsewhere = Settings {
        mcp_url: "http://todo.test/other".to_owned(),
        ..settings()
    };
    let elsewhere = Harness::with(world.store.clone(), NOW, elsewhere, Edge::default());
    assert_eq!(guest(&elsewhere, &tokens.access).await, None);
    let abroad = Settings {
        base_url: "http://else.test".parse().unwrap(),
        ..settings()
    };
    assert_eq!(abroad.mcp_url, RESOURCE);
    let abroad = Harness::with(world.store.clone(), NOW, abroad, Edge::default());
    assert_eq!(guest(&abroad, &tokens.access).await, None, "another issuer");
}

#[tokio::test]
async fn a_token_of_an_external_server_counts_if_it_is_meant_for_agents() {
    use accounts::{Jwts, SharedSecret};
    let (issuer, url) = issuer(fresh(Database::Sqlite).await.1).await;
    let ana = issuer.sign_up("ana").await;
    let jwt = issuer.jwt(&ana).await;
    let external = vouched_for_by(&url);
    let (_, store) = fresh(Database::Sqlite).await;
    let ours = Harness::with(store.clone(), NOW, external.clone(), Edge::default());
    assert_eq!(ours.tasks(&[("authorization", &jwt)]).await, 200);
    for token in [&jwt, &ana.bearer] {
        assert_eq!(guest(&ours, token).await, None, "it is for people");
    }
    // What it signs is addressed to itself; here that is where agents come.
    let meant = Settings {
        mcp_url: url.origin().to_owned(),
        ..external
    };
    let meant = Harness::with(store, NOW, meant, Edge::default());
    assert_eq!(
        guest(&meant, &jwt).await,
        Some((ana.id.clone(), "an agent".to_owned(), Access::Undoable))
    );
    assert_eq!(guest(&meant, &ana.bearer).await, None);

    let shared = Settings {
        jwts: Jwts::Shared(SharedSecret {
            secret: SECRET.to_owned(),
            claim: "sub".to_owned(),
            issuer: None,
            audience: None,
        }),
        ..settings()
    };
    let harness = Harness::with(
        fresh(Database::Sqlite).await.1,
        NOW,
        shared,
        Edge::default(),
    );
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    let token = |audience: Value, more: Value| {
        let mut claims = json!({ "sub": "user-1", "aud": audience, "exp": now + 600 });
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        hmac_signed(
            &json!({ "alg": "HS256" }),
            &encoded(claims.to_string()),
            SECRET.as_bytes(),
        )
    };
    let guest = async |token: String| guest(&harness, &token).await;
    let user = "user-1".to_owned();
    let ours = json!(RESOURCE);
    assert_eq!(
        guest(token(ours.clone(), json!({}))).await,
        Some((user.clone(), "an agent".to_owned(), Access::Undoable))
    );
    let named = json!({ "client_id": "\u{1b}[2J\u{202e}smith\n", "scope": "tasks:read" });
    let scoped = token(ours.clone(), named);
    assert_eq!(
        guest(scoped).await,
        Some((user, "[2Jsmith".to_owned(), Access::Read))
    );
    for end in [json!(i64::MAX), json!(i64::MIN), json!(1e300)] {
        assert_eq!(
            guest(token(ours.clone(), json!({ "exp": end }))).await,
            None
        );
    }
    // It is somebody here alone, also where tokens for anybody are taken.
    for audience in [ours.clone(), json!(["todo", ours])] {
        let token = token(audience, json!({ "scope": "tasks:read" }));
        let elsewhere = harness
            .tasks(&[("authorization", &format!("Bearer {token}"))])
            .await;
        assert_eq!(elsewhere, 401);
    }
    for audience in [
        json!(BASE_URL),
        json!("todo"),
        json!([BASE_URL]),
        Value::Null,
    ] {
        let token = token(audience.clone(), json!({}));
        assert_eq!(
            harness
                .tasks(&[("authorization", &format!("Bearer {token}"))])
                .await,
            200,
            "{audience}"
        );
        assert_eq!(guest(token).await, None, "{audience}");
    }
}

#[tokio::test]
async fn a_disabled_user_has_no_agents() {
    for database in BOTH {
        let world = World::new(database).await;
        let tokens = world.connect("write").await;
        let code = world.code(&[], "write").await;
        let ana = world.harness.accounts.user(&world.ana.id).await.unwrap();
        world
            .store
            .set_disabled(&ana, true, NOW.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(world.guest(&tokens.access).await, None);
        assert_refused(&world.refresh(&tokens.refresh, &[]).await, "invalid_grant");
        assert_refused(&world.redeem(&code, &[]).await, "invalid_grant");
        world
            .store
            .set_disabled(&ana, false, NOW.parse().unwrap())
            .await
            .unwrap();
        assert!(world.guest(&tokens.access).await.is_some());
        world.harness.accounts.delete_user(&ana).await.unwrap();
        assert_eq!(world.guest(&tokens.access).await, None);
        assert_refused(&world.refresh(&tokens.refresh, &[]).await, "invalid_grant");
        assert_refused(&world.redeem(&code, &[]).await, "invalid_grant");
    }
}

#[tokio::test]
async fn an_agent_gives_its_tokens_back() {
    let world = World::new(Database::Sqlite).await;
    let revoke =
        async |fields: &[(&str, &str)]| world.harness.submit("/oauth/revoke", &[], fields).await;
    for which in ["refresh", "access"] {
        let tokens = world.connect("write").await;
        let token = if which == "refresh" {
            &tokens.refresh
        } else {
            &tokens.access
        };
        let other = revoke(&[
            ("token", token),
            ("client_id", "https://other.example/client.json"),
        ])
        .await;
        assert_eq!(error(&other), (401, "invalid_client".to_owned()));
        assert!(world.guest(&tokens.access).await.is_some());
        let fields = [
            ("token", token.as_str()),
            ("token_type_hint", "nonsense"),
            ("client_id", &world.agent),
        ];
        assert_eq!(revoke(&fields).await.status, 200, "{which}");
        assert_eq!(world.guest(&tokens.access).await, None);
        assert_refused(&world.refresh(&tokens.refresh, &[]).await, "invalid_grant");
        assert_eq!(
            revoke(&fields).await.status,
            200,
            "what has ended has ended"
        );
    }
    assert_eq!(revoke(&[("token", "nonsense")]).await.status, 200);
    assert_eq!(revoke(&[("token", "a.b.c")]).await.status, 200);
    assert_refused(&revoke(&[]).await, "invalid_request");
}

#[tokio::test]
async fn documents_are_fetched_from_public_places_only_and_seldom() {
    // Without the setting of the tests nothing on this machine is asked, however it is called.
    let world = World::with(Database::Sqlite, settings()).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for id in [
        format!("http://127.0.0.1:{port}/client.json"),
        format!("https://127.0.0.1:{port}/client.json"),
        format!("https://localhost:{port}/client.json"),
        format!("http://localhost:{port}/client.json"),
        format!("https://[::ffff:127.0.0.1]:{port}/client.json"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/client.json".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let page = world.ask(&world.ana, &[("client_id", &id)]).await;
        assert_eq!(page.status, 400, "{id}");
        let nobody = listener.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock, "{id}");
    }

    let world = World::new(Database::Sqlite).await;
    let site = &world.site;
    let at = |path: &str| format!("{}{path}", site.origin);
    site.page("/moved.json", 302, "");
    site.page("/broken.json", 500, "");
    site.page("/words.json", 200, "hello");
    let huge =
        json!({ "client_id": at("/huge.json"), "redirect_uris": [BACK], "x": "x".repeat(20_000) });
    site.page("/huge.json", 200, &huge.to_string());
    for path in [
        "/moved.json",
        "/broken.json",
        "/words.json",
        "/huge.json",
        "/missing.json",
    ] {
        let before = site.asked();
        let page = world.ask(&world.ana, &[("client_id", &at(path))]).await;
        assert_eq!((page.status, site.asked() - before), (400, 1), "{path}");
        assert!(
            page.text
                .contains("the document in which the program describes itself"),
            "{path}"
        );
    }
    let before = site.asked();
    for _ in 0..5 {
        assert_eq!(world.ask(&world.ana, &[]).await.status, 200);
    }
    assert_eq!(site.asked() - before, 1);
    site.document(
        "/client.json",
        &json!({ "redirect_uris": ["https://agent.example/new"] }),
    );
    world.pass(601);
    assert_eq!(
        world.ask(&world.ana, &[]).await.status,
        400,
        "it has changed"
    );
    assert_eq!(site.asked() - before, 2);
}

#[tokio::test]
async fn pages_of_any_site_may_read_what_agents_read_and_nothing_else() {
    let named = Edge {
        origins: vec!["https://app.example".parse().unwrap()],
        ..Edge::default()
    };
    for edge in [Edge::default(), named] {
        let harness = Harness::with(fresh(Database::Sqlite).await.1, NOW, open_settings(), edge);
        let origin = ("origin", "https://inspector.example");
        for path in [
            "/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
            "/oauth/token",
            "/oauth/register",
        ] {
            let answer = harness.get(path, &[origin]).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                "",
                "{path}"
            );
            let asks = [
                origin,
                ("access-control-request-method", "POST"),
                (
                    "access-control-request-headers",
                    "content-type,mcp-protocol-version",
                ),
            ];
            let preflight = harness.send(request("OPTIONS", path, &asks, None)).await;
            assert_eq!(
                (
                    preflight.status,
                    preflight.header("access-control-allow-headers")
                ),
                (200, "*"),
                "{path}"
            );
        }
        assert_eq!(
            harness
                .get("/.well-known/openid-configuration", &[])
                .await
                .status,
            404
        );
        for path in ["/oauth/authorize", "/api/tasks", "/account", "/"] {
            let answer = harness.get(path, &[origin]).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        }
    }
}

#[tokio::test]
async fn signing_in_leads_to_pages_of_ours_only() {
    let world = World::new(Database::Sqlite).await;
    for (back, to) in [
        ("/account", "/account"),
        (
            "/oauth/authorize?a=b%2Fc&d=https%3A%2F%2Fe",
            "/oauth/authorize?a=b%2Fc&d=https%3A%2F%2Fe",
        ),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("http://todo.test/account", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let fields = [
            ("email", "ana@example.com"),
            ("password", PASSWORD),
            ("back", back),
        ];
        let answer = world
            .harness
            .submit("/sign-in", &[("origin", BASE_URL)], &fields)
            .await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, to),
            "{back:?}"
        );
    }
    // By way of a new account, too.
    let path = format!("/sign-in?{}", form(&[("back", "/account?a=b&c")]));
    let page = world.harness.get(&path, &[]).await;
    assert!(
        page.text
            .contains("href=\"/sign-up?back=%2Faccount%3Fa%3Db%26c\""),
        "{}",
        page.text
    );
    let fields = [
        ("name", "Ben"),
        ("email", "ben@example.com"),
        ("password", PASSWORD),
        ("back", "/account?a=b&c"),
    ];
    let answer = world
        .harness
        .submit("/sign-up", &[("origin", BASE_URL)], &fields)
        .await;
    assert_eq!(answer.header("location"), "/account?a=b&c");
}

#[tokio::test]
async fn agents_find_this_server_from_wherever_their_endpoint_is() {
    for (mcp_url, path, status) in [
        ("http://todo.test/mcp", "/mcp", 200),
        ("https://mcp.example/agents/mcp", "/agents/mcp", 200),
        ("https://mcp.example/agents/mcp", "/mcp", 404),
        ("https://mcp.example", "", 200),
        ("https://mcp.example", "/mcp", 404),
    ] {
        let settings = Settings {
            mcp_url: mcp_url.to_owned(),
            ..settings()
        };
        let (_, store) = fresh(Database::Sqlite).await;
        let harness = Harness::with(store, NOW, settings, Edge::default());
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let answer = harness.get(&path, &[]).await;
        assert_eq!(answer.status, status, "{mcp_url} {path}");
        if status == 200 {
            let found = answer.json();
            assert_eq!(found["resource"], mcp_url);
            assert_eq!(found["authorization_servers"], json!([BASE_URL]));
        }
    }
}

#[tokio::test]
async fn what_comes_too_often_is_held_back_in_the_words_of_oauth() {
    let strict = Edge {
        limits: LimitSettings {
            strict: true,
            ..LimitSettings::default()
        },
        ..Edge::default()
    };
    let (_, store) = fresh(Database::Sqlite).await;
    let harness = Harness::with(store, NOW, open_settings(), strict);
    let wish = json!({ "redirect_uris": [BACK] });
    for _ in 0..3 {
        assert_eq!(register(&harness, &wish).await.status, 201);
    }
    let held = register(&harness, &wish).await;
    assert_eq!(error(&held), (429, "temporarily_unavailable".to_owned()));
    assert!(!held.header("retry-after").is_empty());
    assert_eq!(held.header("access-control-allow-origin"), "*");
    let path = "/.well-known/oauth-authorization-server";
    assert_eq!(harness.get(path, &[]).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_an_id_is_one_that_is_not_known() {
    for database in BOTH {
        let world = World::new(database).await;
        for id in ["\u{0}", "a\u{0}b", "\u{ffff}"] {
            let page = world.ask(&world.ana, &[("client_id", id)]).await;
            assert_eq!(page.status, 400, "{page:?}");
            let revoked = world
                .harness
                .submit("/oauth/revoke", &[], &[("token", id)])
                .await;
            assert_eq!(revoked.status, 200);
            assert_refused(&world.redeem(id, &[]).await, "invalid_grant");
            assert_refused(&world.refresh(id, &[]).await, "invalid_grant");
        }
        let headers = [("cookie", world.ana.cookie.as_str()), ("origin", BASE_URL)];
        for path in ["/api/agents/%00", "/api/tokens/%00"] {
            let answer = world
                .harness
                .send(request("DELETE", path, &headers, None))
                .await;
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn what_an_agent_calls_itself_is_text() {
    let world = World::new(Database::Sqlite).await;
    let name = "<b onclick=x>\u{202e}\u{200b}Claude\"</b>\n<script>";
    let id = world
        .site
        .document("/named.json", &json!({ "client_name": name }));
    let page = world.ask(&world.ana, &[("client_id", &id)]).await;
    assert_eq!(page.status, 200);
    for markup in ["<b onclick", "<script>", "\u{202e}", "\u{200b}"] {
        assert!(!page.text.contains(markup), "{markup}");
    }
    assert!(
        page.text
            .contains("&#60;b onclick=x&#62;Claude&#34;&#60;/b&#62; &#60;script&#62;"),
        "{}",
        page.text
    );
    // One that nobody can see is none.
    let blank = json!({ "client_name": "\u{3164}\u{2800} \u{e0041}" });
    let blank = world.site.document("/blank.json", &blank);
    let page = world.ask(&world.ana, &[("client_id", &blank)]).await;
    assert!(
        page.text.contains("<h1><bdi>127.0.0.1</bdi> wants"),
        "{}",
        page.text
    );
    // As long as a name is, and not longer.
    let long = world
        .site
        .document("/long.json", &json!({ "client_name": "x".repeat(5000) }));
    let page = world.ask(&world.ana, &[("client_id", &long)]).await;
    assert!(page.text.contains(&"x".repeat(60)) && !page.text.contains(&"x".repeat(61)));
}
