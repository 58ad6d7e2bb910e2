//! Signing up, in and out and looking after one's account, as a browser without scripts does it.

use accounts::{Mail, Settings, SignUp};
use serde_json::json;
use server::Edge;

use crate::harness::{
    Answer, BASE_URL, BOTH, Database, Harness, NOW, PASSWORD, csrf, fresh, settings,
};

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
        let csrf = csrf(&self.page).map(|csrf| ("csrf", csrf));
        let fields: Vec<_> = csrf.into_iter().chain(fields.iter().copied()).collect();
        let headers = [("cookie", self.cookie.as_str()), ("origin", BASE_URL)];
        let answer = self.harness.submit(path, &headers, &fields).await;
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
        browser.open("/all").await;
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
        let headers: Vec<_> = origin
            .map(|origin| ("origin", origin))
            .into_iter()
            .collect();
        let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
        let answer = harness.submit("/sign-in", &headers, &fields).await;
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
