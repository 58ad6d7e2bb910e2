//! Accounts: what counts as a credential and until when, and what somebody does with their own.

use accounts::{Mail, Secrets, Settings, SignUp};
use serde_json::{Value, json};
use server::Edge;

use crate::harness::{
    BASE_URL, BOTH, Database, Harness, NOW, PASSWORD, SECRET, fresh, request, settings,
};

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
