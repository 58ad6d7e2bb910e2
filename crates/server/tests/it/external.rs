//! Other servers that vouch for people: by published keys, by their word, in shared tables, with a shared secret.

use accounts::{BaseUrl, External, ExternalSessions, Jwts, Settings};
use serde_json::{Value, json};
use server::Edge;
use store::Store;

use crate::harness::{
    BASE_URL, BOTH, Database, Harness, NOW, SECRET, encoded, fresh, hmac_signed, request, settings,
};

/// A server that keeps accounts, on a real socket.
pub(crate) async fn issuer(store: Store) -> (Harness, BaseUrl) {
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

/// The settings of a server that takes the word of the one at `url`.
pub(crate) fn vouched_for_by(url: &BaseUrl) -> Settings {
    Settings {
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
    }
}

#[tokio::test]
async fn an_external_server_vouches_by_its_keys_and_by_its_word() {
    for database in BOTH {
        let (issuer, url) = issuer(fresh(Database::Sqlite).await.1).await;
        let ana = issuer.sign_up("ana").await;
        let jwt = issuer.jwt(&ana).await;
        let external = vouched_for_by(&url);
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
    let head = json!({ "alg": "HS256" });
    let claims = encoded(claims.to_string());
    format!("Bearer {}", hmac_signed(&head, &claims, secret.as_bytes()))
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
        let (_, rest) = jwt.trim_start_matches("Bearer ").split_once('.').unwrap();
        let head = encoded(r#"{"alg":"EdDSA","kid":"nobody"}"#);
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
