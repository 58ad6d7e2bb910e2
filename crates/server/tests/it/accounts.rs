//! Accounts at the boundary: what counts as a credential and until when, limits, and the pages without scripts.

use std::net::SocketAddr;

use accounts::{BaseUrl, Mail, Secrets, Settings, SignUp};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};
use server::{Edge, LimitSettings};
use store::Store;

use crate::harness::{Answer, BASE_URL, BOTH, Database, Harness, NOW, SECRET, fresh, settings};

const PASSWORD: &str = "correct horse 1";

fn request(
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
    async fn auth(&self, path: &str, body: Value) -> Answer {
        self.send(request(
            "POST",
            &format!("/api/auth{path}"),
            &[],
            Some(&body),
        ))
        .await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, None)).await
    }

    /// Somebody new: their id, and their session as a cookie and as a bearer.
    async fn sign_up(&self, name: &str) -> SignedUp {
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

    async fn jwt(&self, of: &SignedUp) -> String {
        let answer = self
            .get("/api/auth/token", &[("authorization", &of.bearer)])
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        format!("Bearer {}", answer.json()["token"].as_str().unwrap())
    }

    async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.auth(
            "/sign-in/email",
            json!({ "email": email, "password": password }),
        )
        .await
    }

    /// The status of a request for somebody's tasks.
    async fn tasks(&self, headers: &[(&str, &str)]) -> u16 {
        self.get("/api/tasks", headers).await.status
    }
}

struct SignedUp {
    id: String,
    cookie: String,
    bearer: String,
}

#[tokio::test]
async fn every_kind_of_credential_opens_the_door_until_it_is_taken_back() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let ana = harness.sign_up("ana").await;
        let jwt = harness.jwt(&ana).await;
        for header in [
            ("cookie", ana.cookie.as_str()),
            ("authorization", &ana.bearer),
            ("authorization", &jwt),
        ] {
            assert_eq!(harness.tasks(&[header]).await, 200, "{header:?}");
        }
        // A bad header is not made good by a cookie.
        let both = [
            ("cookie", ana.cookie.as_str()),
            ("authorization", "Bearer nonsense"),
        ];
        assert_eq!(harness.tasks(&both).await, 401);
        let twice = [
            ("authorization", ana.bearer.as_str()),
            ("authorization", ana.bearer.as_str()),
        ];
        assert_eq!(harness.tasks(&twice).await, 401);

        let out = harness
            .send(request(
                "POST",
                "/api/auth/sign-out",
                &[("authorization", &ana.bearer)],
                None,
            ))
            .await;
        assert_eq!(out.status, 200);
        for header in [
            ("cookie", ana.cookie.as_str()),
            ("authorization", &ana.bearer),
            ("authorization", &jwt),
        ] {
            assert_eq!(
                harness.tasks(&[header]).await,
                401,
                "signed out: {header:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_token_out_of_the_database_opens_nothing_where_signatures_are_needed() {
    let (_, store) = fresh(Database::Sqlite).await;
    let strict = Settings {
        bearer_needs_signature: true,
        ..settings()
    };
    let (loose, strict) = (
        Harness::on(store.clone()),
        Harness::with(store, NOW, strict, Edge::default()),
    );
    let ana = loose.sign_up("ana").await;
    let bare = ana.bearer.split('.').next().unwrap();
    assert_eq!(loose.tasks(&[("authorization", bare)]).await, 200);
    assert_eq!(strict.tasks(&[("authorization", bare)]).await, 401);
    assert_eq!(strict.tasks(&[("authorization", &ana.bearer)]).await, 200);
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_stays_out() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.sign_up("ana").await;
    let user = harness.accounts.user(&ana.id).await.unwrap();
    let token = harness.client(user.clone()).await.token;
    let jwt = harness.jwt(&ana).await;
    harness.accounts.set_disabled(&user, true).await.unwrap();
    for header in [ana.bearer.as_str(), &jwt, &format!("Bearer {token}")] {
        assert_eq!(harness.tasks(&[("authorization", header)]).await, 401);
    }
    let answer = harness.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (403, Some("BANNED_USER"))
    );
    harness.accounts.set_disabled(&user, false).await.unwrap();
    assert_eq!(
        harness.sign_in("ana@example.com", PASSWORD).await.status,
        200
    );
}

#[tokio::test]
async fn a_new_secret_signs_nobody_out_until_the_old_one_is_dropped() {
    let (_, store) = fresh(Database::Sqlite).await;
    let new = "another secret: newer and long enough";
    let with = |versioned: &str, single: &str| {
        let settings = Settings {
            secrets: Secrets::new(versioned, single).unwrap().unwrap(),
            ..settings()
        };
        Harness::with(store.clone(), NOW, settings, Edge::default())
    };
    let before = with("", SECRET);
    let ana = before.sign_up("ana").await;
    let jwt = before.jwt(&ana).await;
    let during = with(&format!("2:{new}"), SECRET);
    let headers = [("cookie", ana.cookie.as_str()), ("authorization", &jwt)];
    for header in headers {
        assert_eq!(during.tasks(&[header]).await, 200, "{header:?}");
    }
    during.jwt(&ana).await;
    let after = with(&format!("2:{new}"), "");
    assert_eq!(after.tasks(&headers[..1]).await, 401);
    // The key that signs tokens was encrypted with the old secret; there is a new one now.
    let ben = after.sign_up("ben").await;
    let jwt = after.jwt(&ben).await;
    assert_eq!(after.tasks(&[("authorization", &jwt)]).await, 200);
    let keys = after.get("/api/auth/jwks", &[]).await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn sessions_slide_for_a_week_and_end_after_thirty_days() {
    let (_, store) = fresh(Database::Sqlite).await;
    let on = |day: i64, hour: i64| {
        let now = NOW.parse::<jiff::Timestamp>().unwrap()
            + jiff::SignedDuration::from_hours(24 * day + hour);
        Harness::with(store.clone(), &now.to_string(), settings(), Edge::default())
    };
    let ana = on(0, 0).sign_up("ana").await;
    let cookie = [("cookie", ana.cookie.as_str())];
    let answer = on(0, 20).get("/api/tasks", &cookie).await;
    assert_eq!(
        (answer.status, answer.header("set-cookie")),
        (200, ""),
        "not within a day"
    );
    for day in [6, 12, 18, 24] {
        let answer = on(day, 0).get("/api/tasks", &cookie).await;
        assert_eq!(answer.status, 200, "day {day}");
        assert!(
            answer.header("set-cookie").contains("Max-Age=604800"),
            "day {day}"
        );
    }
    assert_eq!(on(29, 0).tasks(&cookie).await, 200);
    assert_eq!(
        on(30, 1).tasks(&cookie).await,
        401,
        "however much it is used"
    );
    let ben = on(0, 0).sign_up("ben").await;
    assert_eq!(
        on(7, 1).tasks(&[("cookie", &ben.cookie)]).await,
        401,
        "unused for a week"
    );
}

#[tokio::test]
async fn a_brief_session_is_not_prolonged() {
    let (_, store) = fresh(Database::Sqlite).await;
    let harness = Harness::on(store.clone());
    harness.sign_up("ana").await;
    let body = json!({ "email": "ana@example.com", "password": PASSWORD, "rememberMe": false });
    let answer = harness.auth("/sign-in/email", body).await;
    let bearer = format!("Bearer {}", answer.header("set-auth-token"));
    let later = |hours| {
        let now = NOW.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hours);
        Harness::with(store.clone(), &now.to_string(), settings(), Edge::default())
    };
    assert_eq!(later(23).tasks(&[("authorization", &bearer)]).await, 200);
    assert_eq!(later(25).tasks(&[("authorization", &bearer)]).await, 401);
}

#[tokio::test]
async fn personal_tokens_do_what_their_scope_says_until_they_end() {
    for database in BOTH {
        let (_, store) = fresh(database).await;
        let harness = Harness::on(store.clone());
        let ana = harness.sign_up("ana").await;
        let here = [("authorization", ana.bearer.as_str())];
        let make = |body: Value| harness.send(request("POST", "/api/tokens", &here, Some(&body)));
        let answer = make(json!({ "name": "calendar", "scope": "read", "days": 7 })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let read = format!("Bearer {}", answer.json()["token"].as_str().unwrap());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let headers = [("authorization", read.as_str())];
        let post = |path: &'static str, body: Value| {
            harness.send(request("POST", path, &headers, Some(&body)))
        };
        assert_eq!(harness.tasks(&headers).await, 200);
        assert_eq!(
            post("/api/parse", json!({ "text": "call mum tomorrow" }))
                .await
                .status,
            200
        );
        assert_eq!(
            post("/api/tasks", json!({ "title": "x" })).await.problem(),
            "403 forbidden: this token may only read; make one that may write"
        );
        for (path, body) in [
            ("/api/chat", json!({ "message": "add x" })),
            ("/api/tokens", json!({ "name": "y", "scope": "write" })),
        ] {
            assert_eq!(post(path, body).await.status, 403, "{path}");
        }
        // One that may write still cannot make others, and so outlive itself.
        let answer = make(json!({ "name": "script", "scope": "write" })).await;
        let write = format!("Bearer {}", answer.json()["token"].as_str().unwrap());
        let write = [("authorization", write.as_str())];
        let answer = harness
            .send(request(
                "POST",
                "/api/tokens",
                &write,
                Some(&json!({ "name": "z", "scope": "read" })),
            ))
            .await;
        assert_eq!(
            answer.problem(),
            "403 forbidden: a token cannot do this; sign in and do it there"
        );

        let list = harness.get("/api/tokens", &here).await;
        let list = list.json();
        assert_eq!(list.as_array().unwrap().len(), 2);
        assert!(list[0]["last_used_at"].is_string() && !list.to_string().contains("sayso_"));
        let week = jiff::SignedDuration::from_hours(7 * 24);
        let later = NOW.parse::<jiff::Timestamp>().unwrap() + week;
        let later = Harness::with(store, &later.to_string(), settings(), Edge::default());
        assert_eq!(later.tasks(&headers).await, 401, "it has ended");
        let revoke = |token: String| {
            harness.send(request(
                "DELETE",
                &format!("/api/tokens/{token}"),
                &here,
                None,
            ))
        };
        assert_eq!(revoke(id.clone()).await.status, 204);
        assert_eq!(
            revoke(id).await.problem(),
            "404 no-such-token: there is no such token; list your tokens to see their ids"
        );
        assert_eq!(harness.tasks(&headers).await, 401, "it was taken back");
        for (body, detail) in [
            (
                json!({ "name": "", "scope": "read" }),
                "a token's name has 1 to 100 characters",
            ),
            (
                json!({ "name": "x", "scope": "read", "days": 0 }),
                "a token lasts from 1 to 3650 days",
            ),
            (
                json!({ "name": "x", "scope": "admin" }),
                "scope: unknown variant",
            ),
        ] {
            let problem = make(body).await.problem();
            assert!(
                problem.starts_with("422") && problem.contains(detail),
                "{problem}"
            );
        }
    }
}

#[tokio::test]
async fn guessing_a_password_is_held_back_and_nobody_else_notices() {
    for database in BOTH {
        let harness = Harness::with(
            fresh(database).await.1,
            NOW,
            settings(),
            Edge {
                limits: LimitSettings {
                    by_address: false,
                    ..LimitSettings::default()
                },
                ..Edge::default()
            },
        );
        harness.sign_up("ana").await;
        harness.sign_up("ben").await;
        let mut statuses = [0; 2];
        for _ in 0..1_000 {
            let answer = harness.sign_in("ana@example.com", "a guess 1234").await;
            if answer.status == 429 {
                assert!(
                    !answer.header("retry-after").is_empty()
                        && !answer.header("x-retry-after").is_empty()
                );
                statuses[1] += 1;
            } else {
                assert_eq!(answer.status, 401);
                statuses[0] += 1;
            }
        }
        assert_eq!(statuses, [5, 995]);
        assert_eq!(
            harness.sign_in("ana@example.com", PASSWORD).await.status,
            429,
            "not even with the right one"
        );
        assert_eq!(
            harness.sign_in("ben@example.com", PASSWORD).await.status,
            200
        );
        // An address that nobody has is held back alike.
        for _ in 0..5 {
            assert_eq!(
                harness
                    .sign_in("eve@example.com", "a guess 1234")
                    .await
                    .status,
                401
            );
        }
        assert_eq!(
            harness
                .sign_in("eve@example.com", "a guess 1234")
                .await
                .status,
            429
        );
    }
}

/// A sign-in that comes from this address, through a proxy's header if there is one.
async fn sign_in_from(harness: &Harness, peer: &str, forwarded: Option<&str>) -> u16 {
    let body = json!({ "email": "nobody", "password": PASSWORD });
    let mut request = request("POST", "/api/auth/sign-in/email", &[], Some(&body));
    let peer = SocketAddr::new(peer.parse().unwrap(), 4000);
    request.extensions_mut().insert(ConnectInfo(peer));
    if let Some(forwarded) = forwarded {
        request
            .headers_mut()
            .insert("x-forwarded-for", forwarded.parse().unwrap());
    }
    harness.send(request).await.status
}

fn strict() -> Edge {
    Edge {
        limits: LimitSettings {
            strict: true,
            ..LimitSettings::default()
        },
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..Edge::default()
    }
}

#[tokio::test]
async fn an_address_that_floods_is_held_back_and_no_other() {
    let harness = Harness::with(fresh(Database::Sqlite).await.1, NOW, settings(), strict());
    let mut let_through = 0;
    for _ in 0..10_000 {
        let_through += usize::from(sign_in_from(&harness, "192.0.2.1", None).await != 429);
    }
    assert!((3..20).contains(&let_through), "{let_through}");
    assert_eq!(sign_in_from(&harness, "192.0.2.2", None).await, 400);
}

#[tokio::test]
async fn an_address_is_a_household_and_a_proxy_is_believed_only_where_it_is_trusted() {
    let harness = Harness::with(fresh(Database::Sqlite).await.1, NOW, settings(), strict());
    for n in 1..=3 {
        assert_eq!(
            sign_in_from(&harness, &format!("2001:db8::{n}"), None).await,
            400
        );
    }
    assert_eq!(
        sign_in_from(&harness, "2001:db8::4", None).await,
        429,
        "the same /64"
    );
    assert_eq!(sign_in_from(&harness, "2001:db8:0:1::4", None).await, 400);
    for n in 1..=3 {
        let forwarded = format!("198.51.100.{n}");
        assert_eq!(
            sign_in_from(&harness, "203.0.113.5", Some(&forwarded)).await,
            400
        );
    }
    assert_eq!(
        sign_in_from(&harness, "203.0.113.5", Some("198.51.100.9")).await,
        429,
        "a stranger's word"
    );
    for n in 1..=3 {
        // What a client writes before the proxy's own entry is not believed either.
        let forwarded = format!("198.51.100.{n}, 203.0.113.7, 10.1.2.3");
        assert_eq!(
            sign_in_from(&harness, "10.0.0.1", Some(&forwarded)).await,
            400
        );
    }
    assert_eq!(
        sign_in_from(&harness, "10.0.0.1", Some("203.0.113.7, 10.1.2.3")).await,
        429
    );
    assert_eq!(
        sign_in_from(&harness, "10.0.0.1", Some("203.0.113.8")).await,
        400
    );
    for (n, entry) in ["203.0.113.9:51234", "unknown"].into_iter().enumerate() {
        let statuses = async |client: usize| {
            let forwarded = format!("198.51.{n}.{client}, {entry}");
            sign_in_from(&harness, "10.0.0.2", Some(&forwarded)).await
        };
        for client in 1..=3 {
            assert_eq!(statuses(client).await, 400);
        }
        assert_eq!(statuses(4).await, 429, "{entry}");
    }
}

#[tokio::test]
async fn only_sites_that_are_named_may_read_across() {
    let edge = Edge {
        origins: vec!["https://app.example.com".parse().unwrap()],
        ..Edge::default()
    };
    let harness = Harness::with(fresh(Database::Sqlite).await.1, NOW, settings(), edge);
    let ana = harness.sign_up("ana").await;
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").to_owned();
    for origin in [
        "https://app.example.com.evil.example",
        "https://evil.example",
        "null",
        "http://app.example.com",
    ] {
        let answer = harness
            .get("/api/tasks", &[("origin", origin), ("cookie", &ana.cookie)])
            .await;
        assert_eq!(allowed(&answer), "", "{origin}");
    }
    let origin = ("origin", "https://app.example.com");
    for path in ["/api/tasks", "/api/nothing", "/api/auth/get-session"] {
        let answer = harness.get(path, &[origin, ("cookie", &ana.cookie)]).await;
        assert_eq!(allowed(&answer), "https://app.example.com", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
    }
    let preflight = [
        origin,
        ("access-control-request-method", "DELETE"),
        ("access-control-request-headers", "authorization"),
    ];
    let answer = harness
        .send(request("OPTIONS", "/api/tasks/1", &preflight, None))
        .await;
    assert_eq!(
        (answer.status, allowed(&answer).as_str()),
        (200, "https://app.example.com")
    );
    // Such a page may also act.
    let body = json!({ "title": "From the app" });
    let answer = harness
        .send(request(
            "POST",
            "/api/tasks",
            &[origin, ("cookie", &ana.cookie)],
            Some(&body),
        ))
        .await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn every_answer_carries_the_protective_headers() {
    let https = Settings {
        base_url: "https://todo.example".parse().unwrap(),
        ..settings()
    };
    let harness = Harness::with(fresh(Database::Sqlite).await.1, NOW, https, Edge::default());
    for path in [
        "/",
        "/sign-in",
        "/nothing",
        "/api/tasks",
        "/api/auth/ok",
        "/api/auth/nothing",
        "/health",
        "/docs",
    ] {
        let answer = harness.get(path, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=63072000"),
            "{path}"
        );
        assert_eq!(answer.header("server"), "", "{path}");
    }
    let body = json!({ "name": "Ana", "email": "ana@example.com", "password": PASSWORD });
    let cookie = harness.auth("/sign-up/email", body).await;
    let cookie = cookie.header("set-cookie");
    assert!(
        cookie.starts_with("__Secure-better-auth.session_token=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
}

/// A browser without scripts.
struct Browser<'a> {
    harness: &'a Harness,
    cookie: String,
    page: String,
}

impl Browser<'_> {
    async fn open(&mut self, path: &str) {
        self.page = self
            .harness
            .get(path, &[("cookie", &self.cookie)])
            .await
            .text;
    }

    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        if let Some(csrf) = self.page.split("name=\"csrf\" value=\"").nth(1) {
            pairs.append_pair("csrf", csrf.split('"').next().unwrap());
        }
        pairs.extend_pairs(fields);
        let request = Request::post(path)
            .header("cookie", &self.cookie)
            .header("origin", BASE_URL)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(pairs.finish()))
            .unwrap();
        let answer = self.harness.send(request).await;
        let set = answer.header("set-cookie");
        if set.contains("session_token") {
            self.cookie = set.split(';').next().unwrap().to_owned();
        }
        self.page = answer.text.clone();
        answer
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn an_account_from_first_to_last_without_scripts() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let mut browser = Browser {
            harness: &harness,
            cookie: String::new(),
            page: String::new(),
        };
        browser.open("/").await;
        assert!(browser.page.contains("href=\"/sign-up\""));
        let fields = |password| {
            [
                ("name", "Ana"),
                ("email", "Ana@Example.com"),
                ("password", password),
            ]
        };
        let short = browser.submit("/sign-up", &fields("short")).await;
        assert!(
            short.status == 422 && short.text.contains("at least 8 characters"),
            "{short:?}"
        );
        assert!(
            short.text.contains("value=\"Ana@Example.com\""),
            "what was typed is still there"
        );
        let made = browser.submit("/sign-up", &fields(PASSWORD)).await;
        assert_eq!((made.status, made.header("location")), (303, "/"));
        browser.open("/").await;
        browser
            .submit("/add", &[("text", "water the plants")])
            .await;
        browser.open("/?view=all").await;
        assert!(browser.page.contains("Water the plants"));

        let mut elsewhere = Browser {
            harness: &harness,
            cookie: String::new(),
            page: String::new(),
        };
        let wrong = elsewhere
            .submit(
                "/sign-in",
                &[("email", "ana@example.com"), ("password", "nonsense 1")],
            )
            .await;
        assert!(
            wrong.status == 403
                && wrong
                    .text
                    .contains("that is not an address and a password that belong together")
        );
        let here = elsewhere
            .submit(
                "/sign-in",
                &[("email", "ana@example.com"), ("password", PASSWORD)],
            )
            .await;
        assert_eq!(here.status, 303);
        assert!(
            !here.header("set-cookie").contains("Max-Age"),
            "without the box it ends with the window"
        );

        browser.open("/account").await;
        assert!(browser.page.contains("ana@example.com") && browser.page.contains("this browser"));
        browser.submit("/account/end-others", &[]).await;
        elsewhere.open("/").await;
        assert!(
            elsewhere.page.contains("action=\"/sign-in\""),
            "signed out from afar"
        );

        browser.open("/account").await;
        let token = browser
            .submit("/account/token", &[("name", "calendar"), ("scope", "read")])
            .await;
        let secret = token
            .text
            .split("<code>sayso_")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap();
        let bearer = format!("Bearer sayso_{secret}");
        assert_eq!(harness.tasks(&[("authorization", &bearer)]).await, 200);

        browser.open("/account").await;
        let change = |old, new| [("old", old), ("new", new)];
        let wrong = browser
            .submit(
                "/account/password",
                &change("nonsense 1", "correct horse 2"),
            )
            .await;
        assert!(wrong.status == 403 && wrong.text.contains("that is not your password"));
        let changed = browser
            .submit("/account/password", &change(PASSWORD, "correct horse 2"))
            .await;
        assert_eq!(changed.status, 303, "{changed:?}");

        browser.open("/account").await;
        browser
            .submit(
                "/account/delete",
                &[("password", "correct horse 2"), ("sure", "yes")],
            )
            .await;
        assert!(
            browser
                .page
                .contains("type \u{201c}delete everything\u{201d}")
        );
        let gone = browser
            .submit(
                "/account/delete",
                &[
                    ("password", "correct horse 2"),
                    ("sure", "delete everything"),
                ],
            )
            .await;
        assert_eq!((gone.status, gone.header("location")), (303, "/sign-in"));
        assert_eq!(
            harness
                .sign_in("ana@example.com", "correct horse 2")
                .await
                .status,
            401
        );
        assert_eq!(harness.tasks(&[("authorization", &bearer)]).await, 401);
    }
}

#[tokio::test]
async fn forms_of_other_sites_sign_nobody_in() {
    let harness = Harness::new(Database::Sqlite).await;
    harness.sign_up("ana").await;
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut request =
            Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let body = Body::from("email=ana%40example.com&password=correct+horse+1");
        let answer = harness.send(request.body(body).unwrap()).await;
        assert_eq!(
            (answer.status, answer.header("set-cookie")),
            (403, ""),
            "{origin:?}"
        );
    }
}

#[tokio::test]
async fn an_invitation_makes_one_account() {
    let invite = Settings {
        sign_up: SignUp::Invite,
        mail: Mail::Off,
        ..settings()
    };
    let harness = Harness::with(
        fresh(Database::Sqlite).await.1,
        NOW,
        invite,
        Edge::default(),
    );
    let refused = harness
        .auth(
            "/sign-up/email",
            json!({ "name": "Ben", "email": "ben@example.com", "password": PASSWORD }),
        )
        .await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (403, Some("INVITATION_REQUIRED"))
    );
    let invitation = harness
        .accounts
        .create_invitation(Some("ana@example.com"))
        .await
        .unwrap();
    let mut browser = Browser {
        harness: &harness,
        cookie: String::new(),
        page: String::new(),
    };
    browser
        .open(&format!("/sign-up?invitation={invitation}"))
        .await;
    assert!(browser.page.contains(&invitation));
    let fields = |email| {
        [
            ("invitation", invitation.as_str()),
            ("name", "Ana"),
            ("email", email),
            ("password", PASSWORD),
        ]
    };
    assert_eq!(
        browser
            .submit("/sign-up", &fields("eve@example.com"))
            .await
            .status,
        403
    );
    assert_eq!(
        browser
            .submit("/sign-up", &fields("ana@example.com"))
            .await
            .status,
        303
    );
    assert_eq!(
        browser
            .submit("/sign-up", &fields("ana@example.com"))
            .await
            .status,
        422,
        "it is used up"
    );
}

#[tokio::test]
async fn a_link_from_the_command_line_sets_a_password_once() {
    let harness = Harness::new(Database::Sqlite).await;
    let mut browser = Browser {
        harness: &harness,
        cookie: harness.sign_up("ana").await.cookie,
        page: String::new(),
    };
    let ana = harness.accounts.user("ana@example.com").await.unwrap();
    let reset = harness.accounts.create_reset(&ana).await.unwrap();
    let mut elsewhere = Browser {
        harness: &harness,
        cookie: String::new(),
        page: String::new(),
    };
    elsewhere
        .open(&format!("/reset-password?token={reset}"))
        .await;
    let set = elsewhere
        .submit(
            "/reset-password",
            &[("token", &reset), ("password", "correct horse 3")],
        )
        .await;
    assert!(set.status == 200 && set.text.contains("Your new password is set"));
    browser.open("/").await;
    assert!(
        browser.page.contains("action=\"/sign-in\""),
        "every browser is signed out"
    );
    let again = elsewhere
        .submit(
            "/reset-password",
            &[("token", &reset), ("password", "correct horse 4")],
        )
        .await;
    assert!(again.status == 422 && again.text.contains("this link has been used"));
    assert_eq!(
        harness
            .sign_in("ana@example.com", "correct horse 3")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn nobody_signs_up_where_it_is_closed_and_unproven_addresses_wait() {
    let closed = Settings {
        sign_up: SignUp::Closed,
        ..settings()
    };
    let harness = Harness::with(
        fresh(Database::Sqlite).await.1,
        NOW,
        closed,
        Edge::default(),
    );
    let body = json!({ "name": "Ana", "email": "ana@example.com", "password": PASSWORD });
    let answer = harness.auth("/sign-up/email", body.clone()).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (400, Some("EMAIL_PASSWORD_SIGN_UP_DISABLED"))
    );
    let proving = Settings {
        verify_email: true,
        mail: Mail::Log,
        ..settings()
    };
    let harness = Harness::with(
        fresh(Database::Sqlite).await.1,
        NOW,
        proving,
        Edge::default(),
    );
    let answer = harness.auth("/sign-up/email", body).await;
    assert_eq!(
        (
            answer.status,
            &answer.json()["token"],
            answer.header("set-cookie")
        ),
        (200, &Value::Null, "")
    );
    let answer = harness.sign_in("ana@example.com", PASSWORD).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (403, Some("EMAIL_NOT_VERIFIED"))
    );
}

#[tokio::test]
async fn an_export_has_everything_and_no_secret() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.sign_up("ana").await;
    let here = [("authorization", ana.bearer.as_str())];
    harness
        .send(request(
            "POST",
            "/api/tasks",
            &here,
            Some(&json!({ "title": "Water" })),
        ))
        .await;
    let user = harness.accounts.user(&ana.id).await.unwrap();
    let token = harness.client(user).await.token;
    let answer = harness.get("/api/export", &here).await;
    let all = answer.json();
    assert_eq!(all["tasks"][0]["title"], "Water");
    assert_eq!(all["account"]["email"], "ana@example.com");
    assert_eq!(all["account"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(all["account"]["tokens"][0]["scope"], "write");
    let kinds = all["account"]["security_events"].as_array().unwrap();
    assert!(
        kinds.iter().any(|event| event["kind"] == "sign-up"),
        "{kinds:?}"
    );
    let session = ana
        .bearer
        .trim_start_matches("Bearer ")
        .split('.')
        .next()
        .unwrap();
    for secret in [session, &token, "$argon2id$"] {
        assert!(!answer.text.contains(secret));
    }
}

/// A server that keeps accounts, on a real socket.
async fn issuer(store: Store) -> (Harness, BaseUrl) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: BaseUrl = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let harness = Harness::with(
        store,
        NOW,
        Settings {
            base_url: url.clone(),
            ..settings()
        },
        Edge::default(),
    );
    let router = harness.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (harness, url)
}

#[tokio::test]
async fn an_external_server_vouches_by_its_keys_and_by_its_word() {
    use accounts::{External, ExternalSessions, Jwts};
    for database in BOTH {
        let (issuer, url) = issuer(fresh(Database::Sqlite).await.1).await;
        let ana = issuer.sign_up("ana").await;
        let jwt = issuer.jwt(&ana).await;
        let external = Settings {
            jwts: Jwts::Published {
                keys: format!("{}/api/auth/jwks", url.origin()).parse().unwrap(),
                issuer: url.origin().to_owned(),
                audience: url.origin().to_owned(),
            },
            external: Some(External {
                base_url: url.clone(),
                sessions: ExternalSessions::Ask,
            }),
            ..settings()
        };
        let (_, store) = fresh(database).await;
        let ours = Harness::with(store.clone(), NOW, external.clone(), Edge::default());
        for header in [
            ("cookie", ana.cookie.as_str()),
            ("authorization", &ana.bearer),
            ("authorization", &jwt),
        ] {
            let path = format!("/api/{}/tasks", ana.id);
            assert_eq!(ours.get(&path, &[header]).await.status, 200, "{header:?}");
            assert_eq!(
                ours.get("/api/somebody-else/tasks", &[header]).await.status,
                403
            );
        }
        let profile = ours.accounts.user("ana@example.com").await.unwrap();
        assert_eq!(profile.as_str(), ana.id, "a profile was made on first use");
        assert_eq!(
            ours.auth("/sign-in/email", json!({})).await.status,
            404,
            "accounts are not kept here"
        );
        let sign_in = ours.get("/sign-in", &[]).await;
        assert!(sign_in.text.contains(url.origin()), "{}", sign_in.text);

        // Another audience, another issuer, another's key, and a session that has ended there.
        let other = Settings {
            jwts: Jwts::Published {
                keys: format!("{}/api/auth/jwks", url.origin()).parse().unwrap(),
                issuer: url.origin().to_owned(),
                audience: "https://another.example".to_owned(),
            },
            ..external.clone()
        };
        let other = Harness::with(store.clone(), NOW, other, Edge::default());
        assert_eq!(other.tasks(&[("authorization", &jwt)]).await, 401);
        let stranger = Harness::with(
            fresh(Database::Sqlite).await.1,
            NOW,
            issuer.accounts.settings().clone(),
            Edge::default(),
        );
        let eve = stranger.sign_up("eve").await;
        assert_eq!(
            ours.tasks(&[("authorization", &stranger.jwt(&eve).await)])
                .await,
            401
        );
        assert_eq!(ours.tasks(&[("cookie", &eve.cookie)]).await, 401);
        issuer
            .send(request(
                "POST",
                "/api/auth/sign-out",
                &[("authorization", &ana.bearer)],
                None,
            ))
            .await;
        assert_eq!(ours.tasks(&[("authorization", &ana.bearer)]).await, 401);

        // Its sessions in its tables, which are ours as well.
        let tables = Settings {
            external: Some(External {
                base_url: url,
                sessions: ExternalSessions::Tables,
            }),
            ..external
        };
        let there = Harness::on(store.clone());
        let ben = there.sign_up("ben").await;
        let ours = Harness::with(store, NOW, tables, Edge::default());
        assert_eq!(ours.tasks(&[("cookie", &ben.cookie)]).await, 200);
        let forged = ben.cookie.replace("%3D", "A%3D");
        assert_eq!(ours.tasks(&[("cookie", &forged)]).await, 401);
    }
}

/// A token of the older family: HS256 with a secret that both sides know.
fn hs256(secret: &str, claims: &Value) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
    let head = B64.encode(r#"{"alg":"HS256"}"#);
    let body = format!("{head}.{}", B64.encode(claims.to_string()));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let signature = B64.encode(aws_lc_rs::hmac::sign(&key, body.as_bytes()));
    format!("Bearer {body}.{signature}")
}

#[tokio::test]
async fn tokens_of_the_older_family_count_only_as_strictly_as_they_can() {
    use accounts::{Jwts, SharedSecret};
    let shared = |claim: &str| {
        Jwts::Shared(SharedSecret {
            secret: SECRET.to_owned(),
            claim: claim.to_owned(),
            issuer: None,
            audience: None,
        })
    };
    let (_, store) = fresh(Database::Sqlite).await;
    let with = |jwts| {
        Harness::with(
            store.clone(),
            NOW,
            Settings { jwts, ..settings() },
            Edge::default(),
        )
    };
    let harness = with(shared("sub"));
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    let good = json!({ "sub": "user-1", "iat": now, "exp": now + 3600 });
    let status = async |token: String| harness.tasks(&[("authorization", &token)]).await;
    assert_eq!(status(hs256(SECRET, &good)).await, 200);
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let with_claim = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    for (what, claims) in [
        ("no end", without("exp")),
        ("no user", without("sub")),
        ("ended", with_claim("exp", json!(now - 60))),
        (
            "ends in a hundred years",
            with_claim("exp", json!(now + 100 * 365 * 86_400)),
        ),
        ("not yet", with_claim("nbf", json!(now + 600))),
        (
            "a link in a mail",
            json!({ "email": "ana@example.com", "userId": "user-1", "exp": now + 60 }),
        ),
        (
            "a change of address",
            with_claim("updateTo", json!("eve@example.com")),
        ),
        ("a cached session", with_claim("session", json!({}))),
    ] {
        assert_eq!(status(hs256(SECRET, &claims)).await, 401, "{what}");
    }
    assert_eq!(
        status(hs256("another secret that is long enough", &good)).await,
        401
    );
    let by_user_id = with(shared("userId"));
    let link = json!({ "email": "ana@example.com", "userId": "user-1", "exp": now + 60 });
    assert_eq!(
        by_user_id
            .tasks(&[("authorization", &hs256(SECRET, &link))])
            .await,
        401
    );
    // Where no secret is set for them, they are nothing.
    assert_eq!(
        with(Jwts::Ours)
            .tasks(&[("authorization", &hs256(SECRET, &good))])
            .await,
        401
    );
}

/// An issuer whose keys can be counted and taken away.
#[tokio::test]
async fn an_external_servers_keys_are_asked_for_seldom_and_outlive_its_absence() {
    use accounts::{External, ExternalSessions, Jwts};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    let issuer = Harness::new(Database::Sqlite).await;
    let ana = issuer.sign_up("ana").await;
    let jwt = issuer.jwt(&ana).await;
    let keys = issuer.get("/api/auth/jwks", &[]).await.text;
    let (asked, down) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let router = axum::Router::new().route(
        "/keys",
        axum::routing::get({
            let (asked, down) = (asked.clone(), down.clone());
            async move || {
                asked.fetch_add(1, Ordering::Relaxed);
                if down.load(Ordering::Relaxed) {
                    Err(axum::http::StatusCode::BAD_GATEWAY)
                } else {
                    Ok(keys)
                }
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let external = Settings {
        jwts: Jwts::Published {
            keys: format!("http://{address}/keys").parse().unwrap(),
            issuer: BASE_URL.to_owned(),
            audience: BASE_URL.to_owned(),
        },
        external: Some(External {
            base_url: format!("http://{address}").parse().unwrap(),
            sessions: ExternalSessions::Off,
        }),
        ..settings()
    };
    let now = NOW.parse::<jiff::Timestamp>().unwrap();
    let passed = Arc::new(AtomicUsize::new(0));
    let clock = domain::Clock::from_fn({
        let passed = passed.clone();
        move || now + std::time::Duration::from_secs(passed.load(Ordering::Relaxed) as u64)
    });
    let (_, store) = fresh(Database::Sqlite).await;
    let ours = Harness::at(store, clock, external, Edge::default());
    let unknown = {
        use base64::Engine;
        let (_, rest) = jwt.trim_start_matches("Bearer ").split_once('.').unwrap();
        let head =
            base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"nobody"}"#);
        format!("Bearer {head}.{rest}")
    };
    let status = async |token: &str| ours.tasks(&[("authorization", token)]).await;
    for _ in 0..50 {
        assert_eq!(status(&unknown).await, 401);
        assert_eq!(status(&jwt).await, 200);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    passed.fetch_add(61, Ordering::Relaxed);
    let all = (0..20).map(|_| status(&unknown));
    for one in futures_util::future::join_all(all).await {
        assert_eq!(one, 401);
    }
    assert_eq!(
        asked.load(Ordering::Relaxed),
        2,
        "once a minute, however many ask"
    );
    down.store(true, Ordering::Relaxed);
    passed.fetch_add(601, Ordering::Relaxed);
    assert_eq!(status(&jwt).await, 200, "the keys read last stay good");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

/// A mail server that takes one mail and hands it over.
async fn mail_server() -> (String, tokio::sync::oneshot::Receiver<String>) {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (send, receive) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut said = String::new();
        let mut in_mail = false;
        stream.write_all(b"220 mail.test\r\n").await.unwrap();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                break;
            }
            said.push_str(&line);
            let answer: &[u8] = match (in_mail, line.trim_end()) {
                (true, ".") => {
                    in_mail = false;
                    b"250 taken\r\n"
                }
                (true, _) => continue,
                (false, "DATA") => {
                    in_mail = true;
                    b"354 go on\r\n"
                }
                (false, "QUIT") => break,
                (false, _) => b"250 mail.test\r\n",
            };
            stream.write_all(answer).await.unwrap();
            if answer.starts_with(b"250 taken") {
                break;
            }
        }
        let _ = send.send(said);
    });
    (format!("smtp://{address}"), receive)
}

#[tokio::test]
async fn a_reset_comes_by_mail_and_only_to_those_who_are_known() {
    let (url, mail) = mail_server().await;
    let mailing = Settings {
        mail: Mail::Smtp {
            url,
            from: "Sayso <sayso@example.com>".to_owned(),
        },
        ..settings()
    };
    let harness = Harness::with(
        fresh(Database::Sqlite).await.1,
        NOW,
        mailing,
        Edge::default(),
    );
    harness.sign_up("ana").await;
    let ask = |email: &str| {
        harness.auth(
            "/request-password-reset",
            json!({ "email": email, "redirectTo": "/reset-password" }),
        )
    };
    let (nobody, somebody) = (
        ask("nobody@example.com").await,
        ask("ana@example.com").await,
    );
    assert_eq!(
        (nobody.status, &nobody.text),
        (somebody.status, &somebody.text)
    );
    // Quoted-printable breaks long lines.
    let mail = mail.await.unwrap().replace("=\r\n", "").replace("=3D", "=");
    assert!(
        mail.contains("RCPT TO:<ana@example.com>") && mail.contains("Subject: Set a new password"),
        "{mail}"
    );
    let (_, link) = mail
        .split_once(&format!("{BASE_URL}/api/auth/reset-password/"))
        .unwrap();
    let link = format!(
        "/api/auth/reset-password/{}",
        link.split_whitespace().next().unwrap()
    );
    let answer = harness.get(&link, &[]).await;
    assert_eq!(answer.status, 302, "{link}");
    let token = answer
        .header("location")
        .split_once("token=")
        .unwrap()
        .1
        .to_owned();
    let set = harness
        .auth(
            "/reset-password",
            json!({ "token": token, "newPassword": "correct horse 2" }),
        )
        .await;
    assert_eq!(set.status, 200);
    assert_eq!(
        harness
            .sign_in("ana@example.com", "correct horse 2")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_token_does_not_open_the_page() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.sign_up("ana").await;
    let jwt = harness.jwt(&ana).await;
    let user = harness.accounts.user(&ana.id).await.unwrap();
    let token = format!("Bearer {}", harness.client(user).await.token);
    for authorization in [&token, &jwt, &ana.bearer] {
        for cookie in ["better-auth.session_token=x.y", &ana.cookie] {
            let headers = [
                ("authorization", authorization.as_str()),
                ("cookie", cookie),
            ];
            let answer = harness.get("/account", &headers).await;
            assert_eq!(answer.status, 401, "{cookie}");
            assert!(!answer.text.contains("csrf"));
        }
    }
}

#[tokio::test]
async fn a_password_that_changes_ends_the_links_that_were_mailed() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.sign_up("ana").await;
    let user = harness.accounts.user(&ana.id).await.unwrap();
    let (first, second) = (
        harness.accounts.create_reset(&user).await.unwrap(),
        harness.accounts.create_reset(&user).await.unwrap(),
    );
    let reset = |token: String| {
        harness.auth(
            "/reset-password",
            json!({ "token": token, "newPassword": "correct horse 2" }),
        )
    };
    assert_eq!(reset(first).await.status, 200);
    assert_eq!(reset(second).await.status, 400);
}

#[tokio::test]
async fn nobody_becomes_the_owner_by_signing_up() {
    let harness = Harness::new(Database::Sqlite).await;
    let body = json!({ "name": "Eve", "email": "Owner@localhost", "password": PASSWORD });
    let answer = harness.auth("/sign-up/email", body).await;
    assert_eq!(answer.status, 422, "{answer:?}");
}
