//! Who may do what: no token, a bad token, another user's path.

use std::collections::BTreeSet;

use accounts::Settings;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use server::Edge;

use crate::harness::{
    Answer, BOTH, Database, Harness, NOW, SECRET, encoded, fresh, hmac_signed, settings,
};

/// Every route of the API, from its document, as (method, path below the user).
async fn routes(harness: &Harness) -> Vec<(String, String)> {
    let document = harness
        .send(Request::get("/openapi.json").body(Body::empty()).unwrap())
        .await
        .json();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path
            .strip_prefix("/api/{user_id}")
            .unwrap()
            .replace("{id}", "1")
            .replace("{token_id}", "x")
            .replace("{agent_id}", "x");
        for method in methods.as_object().unwrap().keys() {
            routes.push((method.to_uppercase(), path.clone()));
        }
    }
    assert!(routes.len() > 25, "{routes:?}");
    routes
}

/// What follows `Bearer` in a header.
fn bare(authorization: &str) -> &str {
    authorization.trim_start_matches("Bearer ")
}

/// A signature with one of its letters changed.
fn flipped(signature: &str) -> String {
    let other = if &signature[10..11] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &signature[..10], &signature[11..])
}

/// Credentials that look like Ana's and are not, or are not any more, with what is wrong with each.
#[expect(clippy::too_many_lines, reason = "a list")]
async fn forgeries(database: Database) -> (Harness, String, Vec<(&'static str, String)>) {
    let (_, store) = fresh(database).await;
    let harness = Harness::on(store.clone());
    let ana = harness.sign_up("ana").await;
    let session = bare(&ana.bearer);
    let good = harness.jwt(&ana).await;
    let good = bare(&good);
    assert_eq!(
        status(
            &harness,
            "GET",
            "/api/tasks",
            Some(&format!("Bearer {good}"))
        )
        .await,
        200
    );
    let parts: Vec<&str> = good.split('.').collect();
    let [head, claims, signature] = parts[..] else {
        panic!("{good}")
    };
    let claims_of = |change: (&str, Value)| {
        let mut claims: Value =
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        claims[change.0] = change.1;
        encoded(claims.to_string())
    };
    let keys = harness
        .send(Request::get("/api/auth/jwks").body(Body::empty()).unwrap())
        .await
        .json();
    let key = &keys["keys"][0];
    let public = key["x"].as_str().unwrap();
    let kid = key["kid"].as_str().unwrap();
    // The same key and secret, but another server, or this one at another time.
    let elsewhere = Settings {
        base_url: "http://elsewhere.test".parse().unwrap(),
        ..settings()
    };
    let elsewhere = Harness::with(store.clone(), NOW, elsewhere, Edge::default());
    let earlier = Harness::with(
        store.clone(),
        "2026-11-25T08:59:00Z",
        settings(),
        Edge::default(),
    );
    let later = Harness::with(
        store.clone(),
        "2026-11-25T09:20:00Z",
        settings(),
        Edge::default(),
    );
    // Another server altogether, with the same secret.
    let stranger = Harness::new(Database::Sqlite).await;
    let other = stranger.sign_up("ana").await;
    let strangers = bare(&other.bearer);
    let (token, mac) = session.split_once('.').unwrap();
    let algorithm = |name: &str| encoded(json!({ "alg": name, "kid": kid }).to_string());
    let confused = json!({ "alg": "HS256", "kid": kid });
    let forged = vec![
        ("nothing", String::new()),
        ("words", "nonsense".to_owned()),
        (
            "a bit flipped",
            format!("{head}.{claims}.{}", flipped(signature)),
        ),
        ("no signature", format!("{head}.{claims}.")),
        ("no signature at all", format!("{head}.{claims}")),
        ("alg none", format!("{}.{claims}.", algorithm("none"))),
        (
            "alg None",
            format!("{}.{claims}.{signature}", algorithm("None")),
        ),
        (
            "HS256 over the public key",
            hmac_signed(
                &confused,
                claims,
                &BASE64_URL_SAFE_NO_PAD.decode(public).unwrap(),
            ),
        ),
        (
            "HS256 over the public key's text",
            hmac_signed(&confused, claims, public.as_bytes()),
        ),
        (
            "HS256 over the secret",
            hmac_signed(&confused, claims, SECRET.as_bytes()),
        ),
        (
            "unknown key",
            format!(
                "{}.{claims}.{signature}",
                encoded(json!({ "alg": "EdDSA", "kid": "nobody" }).to_string())
            ),
        ),
        (
            "no key named",
            format!(
                "{}.{claims}.{signature}",
                encoded(json!({ "alg": "EdDSA" }).to_string())
            ),
        ),
        ("another key", bare(&stranger.jwt(&other).await).to_owned()),
        (
            "another audience and issuer",
            bare(&elsewhere.jwt(&ana).await).to_owned(),
        ),
        ("expired", bare(&earlier.jwt(&ana).await).to_owned()),
        ("not yet valid", bare(&later.jwt(&ana).await).to_owned()),
        (
            "somebody else's claims",
            format!("{head}.{}.{signature}", claims_of(("sub", json!("ben")))),
        ),
        (
            "critical extensions",
            format!(
                "{}.{claims}.{signature}",
                encoded(json!({ "alg": "EdDSA", "kid": kid, "crit": ["x"] }).to_string())
            ),
        ),
        (
            "an access token's type",
            format!(
                "{}.{claims}.{signature}",
                encoded(json!({ "alg": "EdDSA", "kid": kid, "typ": "at+jwt" }).to_string())
            ),
        ),
        (
            "a session with another's signature",
            format!("{token}.{}", strangers.split_once('.').unwrap().1),
        ),
        (
            "a session with half a signature",
            format!("{token}.{}", &mac[..20]),
        ),
        (
            "another session's token",
            format!("{}.{mac}", strangers.split_once('.').unwrap().0),
        ),
        (
            "a personal token nobody made",
            format!("sayso_{}", "x".repeat(32)),
        ),
        ("a very long one", "x".repeat(7000)),
    ];
    (harness, ana.id, forged)
}

#[tokio::test]
async fn forged_and_stale_credentials_are_refused_alike_on_every_route() {
    for database in BOTH {
        let (harness, ana, forgeries) = forgeries(database).await;
        let mut bodies = BTreeSet::new();
        for (method, path) in routes(&harness).await {
            let path = format!("/api/{ana}{path}");
            for (what, forged) in &forgeries {
                let answer =
                    send(&harness, &method, &path, Some(&format!("Bearer {forged}"))).await;
                assert_eq!(answer.status, 401, "{method} {path}: {what}");
                let mut body = answer.json();
                body["request_id"] = Value::Null;
                bodies.insert(body.to_string());
            }
        }
        assert_eq!(bodies.len(), 1, "it is never said why: {bodies:?}");
        for (what, forged) in &forgeries {
            let request = Request::get("/api/auth/get-session")
                .header("authorization", format!("Bearer {forged}"))
                .body(Body::empty())
                .unwrap();
            assert_eq!(harness.send(request).await.text, "null", "{what}");
        }
    }
}

async fn send(harness: &Harness, method: &str, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    harness.send(request.body(Body::from("{}")).unwrap()).await
}

async fn status(harness: &Harness, method: &str, path: &str, token: Option<&str>) -> u16 {
    send(harness, method, path, token).await.status
}

#[tokio::test]
async fn no_route_answers_without_a_token_that_counts() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    for (method, path) in routes(&harness).await {
        for prefix in ["/api".to_owned(), format!("/api/{}", ana.id)] {
            let path = format!("{prefix}{path}");
            assert_eq!(
                status(&harness, &method, &path, None).await,
                401,
                "{method} {path}"
            );
            let spaced = format!("Bearer {} x", ana.token);
            let unnamed = ana.token.as_str();
            for bad in ["Bearer ", "Basic YTpi", "nonsense", unnamed, &spaced] {
                assert_eq!(
                    status(&harness, &method, &path, Some(bad)).await,
                    401,
                    "{method} {path} {bad}"
                );
            }
        }
    }
    let request = Request::get("/api/tasks").body(Body::empty()).unwrap();
    let answer = harness.send(request).await;
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(
        answer.problem(),
        "401 unauthorized: sign in, or send a valid bearer token"
    );
}

#[tokio::test]
async fn no_route_answers_on_another_users_path() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let (mut ana, ben) = (harness.user("ana").await, harness.user("ben").await);
        ana.add(json!({ "title": "Secret" })).await;
        ana.say("add another secret").await;
        let before: Value = ana.get("/export").await.json();
        let token = format!("Bearer {}", ben.token);
        for (method, path) in routes(&harness).await {
            let path = format!("/api/{}{path}", ana.id);
            assert_eq!(
                status(&harness, &method, &path, Some(&token)).await,
                403,
                "{method} {path}"
            );
            let nobody = path.replace(ana.id.as_str(), "nobody");
            assert_eq!(
                status(&harness, &method, &nobody, Some(&token)).await,
                403,
                "{method} {nobody}"
            );
        }
        // On his own paths there is nothing of hers.
        assert_eq!(ben.get("/tasks").await.json(), json!([]));
        assert!(
            ben.get("/conversations/1")
                .await
                .problem()
                .starts_with("404")
        );
        assert!(
            ben.post("/journal/3/undo", json!({}))
                .await
                .problem()
                .starts_with("404 no-such-change")
        );
        let smuggled = ben
            .post(
                "/tasks",
                json!({ "title": "x", "user_id": ana.id.as_str() }),
            )
            .await;
        assert!(smuggled.problem().starts_with("403 forbidden"));
        assert_eq!(ana.get("/export").await.json(), before);
    }
}

/// What somebody has nothing of, they cannot reach by its number either, nor find it in any list.
#[tokio::test]
async fn no_route_reaches_another_users_rows_by_their_numbers() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let (mut ana, ben) = (harness.user("ana").await, harness.user("ben").await);
        for n in 0..4 {
            ana.add(json!({ "title": format!("Secret {n}"), "project": format!("Secret {n}"), "tags": ["secret"] }))
                .await;
            ana.begin_anew();
            ana.say(&format!("add secret errand {n}")).await;
        }
        ana.send("DELETE", "/tasks/1", None, &[]).await;
        for n in 0..4 {
            let task = domain::AddTask::new(format!("Secret wish {n}").parse().unwrap());
            let command = domain::Command::AddTask(task);
            let proposed = harness.app.propose(&ana.id, &command, "Secret", "x").await;
            proposed.unwrap();
        }
        let before = ana.get("/export").await.json();
        assert_eq!(before["proposals"].as_array().unwrap().len(), 4);
        let document = harness
            .send(Request::get("/openapi.json").body(Body::empty()).unwrap())
            .await
            .json();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let below = path.strip_prefix("/api/{user_id}").unwrap();
            // It goes on for ever; what he hears there, live.rs says.
            if below == "/events" {
                continue;
            }
            for method in methods.as_object().unwrap().keys() {
                let method = method.to_uppercase();
                // His own journal grows on the way.
                let numbers = if below.contains("journal") {
                    ["8", "9"]
                } else {
                    ["2", "4"]
                };
                for number in numbers {
                    let path = below
                        .replace("{id}", number)
                        .replace("{token_id}", "x")
                        .replace("{agent_id}", "x");
                    let body = (method != "GET").then(|| json!({}));
                    let answer = ben.send(&method, &path, body, &[]).await;
                    let told = answer.text.to_lowercase();
                    assert!(!told.contains("secret"), "{method} {path}: {told}");
                    let reached = answer.status < 300 && below.contains("{id}");
                    assert!(!reached, "{method} {path}: {answer:?}");
                }
            }
        }
        let answer = ben
            .post("/chat", json!({ "message": "hello", "conversation_id": 2 }))
            .await;
        assert_eq!(answer.status, 404, "{answer:?}");
        for message in [
            "mark 2 as done",
            "show my tasks",
            "delete the secret errand",
            "undo",
            "what did I do today",
        ] {
            let answer = ben.post("/chat", json!({ "message": message })).await;
            let told = answer.json()["response"].to_string().to_lowercase();
            assert!(
                !told.contains("secret errand 0") && !told.contains("secret 1"),
                "{message}: {told}"
            );
        }
        assert_eq!(ana.get("/export").await.json(), before);
    }
}
