//! What stands between the network and the doors: limits, sites that may read across, headers.

use std::net::SocketAddr;

use accounts::Settings;
use axum::extract::ConnectInfo;
use serde_json::json;
use server::{Edge, LimitSettings};

use crate::harness::{Answer, BOTH, Database, Harness, NOW, PASSWORD, fresh, request, settings};

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
