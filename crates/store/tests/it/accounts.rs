//! Accounts: what counts until when, and that somebody who leaves leaves nothing.

use domain::{Access, Command, CompleteTask, Seq, TaskId, UserId};
use jiff::Timestamp;
use store::{
    ApiToken, Batch, Error, NewUser, OauthClient, OauthCode, OauthGrant, SecurityEvent, Session,
};

use crate::database::{ALL, DURABLE, Database, add, at, join, meddle, mentions, run, user};
use crate::proposals::proposal;

fn session(of: &str, token: &str, end: i64) -> Session {
    Session {
        id: format!("{token}-id"),
        token: token.to_owned(),
        user_id: of.to_owned(),
        created_at: at(0),
        updated_at: at(0),
        expires_at: at(end),
        ip_address: String::new(),
        user_agent: format!("{of}'s browser"),
    }
}

fn token(id: &str, expires_at: Option<Timestamp>) -> ApiToken {
    ApiToken {
        id: id.to_owned(),
        name: format!("{id}'s"),
        access: Access::Write,
        created_at: at(0),
        expires_at,
        last_used_at: None,
    }
}

#[tokio::test]
async fn secrets_count_until_they_end() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = join(store, "ana").await;
        let again = NewUser {
            id: "ana2",
            name: "Ana",
            email: "ana@example.com",
            image: None,
            password: None,
        };
        assert!(!store.create_user(&again, at(0)).await.unwrap());

        store
            .create_token(&ana, &token("t1", Some(at(10))), "hash")
            .await
            .unwrap();
        let (found, whose) = store.token("hash", at(1)).await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), whose.id.as_str()), ("t1", "ana"));
        assert!(store.token("hash", at(11)).await.unwrap().is_none());
        assert!(store.token("other", at(1)).await.unwrap().is_none());
        assert!(!store.revoke_token(&user("ben"), "t1", at(2)).await.unwrap());
        assert!(store.revoke_token(&ana, "t1", at(2)).await.unwrap());
        assert!(store.token("hash", at(3)).await.unwrap().is_none());

        store.create_link(&ana, "link", at(10)).await.unwrap();
        store.create_link(&ana, "late", at(10)).await.unwrap();
        assert_eq!(store.use_link("late", at(11)).await.unwrap(), None);
        let both = tokio::join!(store.use_link("link", at(1)), store.use_link("link", at(1)));
        let used = [both.0.unwrap(), both.1.unwrap()];
        assert_eq!(
            used.iter().flatten().count(),
            1,
            "a link works once: {used:?}"
        );

        let here = session("ana", "here", 10);
        store.create_session(&here).await.unwrap();
        let (found, whose) = store.session("here", at(1)).await.unwrap().unwrap();
        assert_eq!((found, whose.name.as_str()), (here, "ana"));
        assert!(store.session("here", at(11)).await.unwrap().is_none());
        store.delete_session_of(&user("ben"), "here").await.unwrap();
        assert!(store.session("here", at(1)).await.unwrap().is_some());
        store.set_disabled(&ana, true, at(1)).await.unwrap();
        assert!(store.session("here", at(1)).await.unwrap().is_none());
        store.set_disabled(&ana, false, at(1)).await.unwrap();
        assert!(
            store.session("here", at(1)).await.unwrap().is_none(),
            "sessions have ended for good"
        );
    }
}

#[tokio::test]
async fn an_invitation_and_a_mailed_link_are_used_once() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let use_it = |email| store.use_invitation("invited", email, at(1));
        store
            .create_invitation("invited", Some("ana@example.com"), at(10))
            .await
            .unwrap();
        assert!(!use_it("ben@example.com").await.unwrap());
        let both = tokio::join!(use_it("ana@example.com"), use_it("ana@example.com"));
        assert!(both.0.unwrap() ^ both.1.unwrap());
        store.return_invitation("invited").await.unwrap();
        assert!(use_it("ana@example.com").await.unwrap());

        store
            .create_verification("v", "reset:x", "ana", at(0), at(10))
            .await
            .unwrap();
        let both = tokio::join!(
            store.use_verification("reset:x"),
            store.use_verification("reset:x")
        );
        let used = [both.0.unwrap(), both.1.unwrap()];
        assert_eq!(
            used.into_iter().flatten().collect::<Vec<_>>(),
            [("ana".to_owned(), at(10))]
        );
    }
}

#[tokio::test]
async fn attempts_to_sign_in_have_to_wait_ever_longer() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        for _ in 0..5 {
            assert_eq!(store.attempt_sign_in("ana", at(0)).await.unwrap(), None);
        }
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let retry = store.attempt_sign_in("ana", at(now)).await.unwrap();
            let retry = retry.expect("it is too soon");
            let wait = retry.duration_since(at(now)).as_secs();
            waits.push(wait);
            now += wait;
            assert_eq!(store.attempt_sign_in("ana", at(now)).await.unwrap(), None);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
        assert_eq!(
            store.attempt_sign_in("ben", at(now)).await.unwrap(),
            None,
            "somebody else does not wait"
        );
        store.forget_failures("ana").await.unwrap();
        assert_eq!(store.attempt_sign_in("ana", at(now)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn somebody_who_leaves_leaves_nothing() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        let store = &database.store;
        for name in ["ana", "ben"] {
            let id = join(store, name).await;
            let (link, hash) = (format!("{name}-link"), format!("{name}-token"));
            store.create_link(&id, &link, at(100)).await.unwrap();
            store
                .create_token(&id, &token(&hash, None), &hash)
                .await
                .unwrap();
            store
                .create_session(&session(name, &format!("{name}-session"), 100))
                .await
                .unwrap();
            store
                .create_verification(
                    &format!("{name}-v"),
                    &format!("{name}-reset"),
                    name,
                    at(0),
                    at(100),
                )
                .await
                .unwrap();
            store
                .create_invitation(
                    &format!("{name}-i"),
                    Some(&format!("{name}@example.com")),
                    at(100),
                )
                .await
                .unwrap();
            let (code, grant) = (format!("{name}-code"), grant(&format!("{name}-grant"), 100));
            store
                .create_oauth_code(&oauth_code(name, &grant), &code, at(0))
                .await
                .unwrap();
            store
                .begin_oauth_grant(&id, &code, &grant, &format!("{name}-refresh"))
                .await
                .unwrap();
            let event = SecurityEvent {
                at: at(0),
                kind: "sign-in".to_owned(),
                address: String::new(),
                agent: format!("{name}'s browser"),
            };
            store
                .note(&format!("{name}-e"), name, &event)
                .await
                .unwrap();
            run(store, &id, &add(&format!("{name}'s task")), at(0)).await;
            let batch = Batch {
                proposal: Some(proposal(1, &format!("{name}'s proposal"), 0)),
                ..Batch::default()
            };
            store.commit(&id, &batch).await.unwrap();
        }
        assert!(!mentions(kind, &database.url, "ben").await.is_empty());
        store
            .delete_user(&user("ben"), "ben@example.com", true)
            .await
            .unwrap();
        assert_eq!(
            mentions(kind, &database.url, "ben").await,
            Vec::<String>::new()
        );
        let tables = mentions(kind, &database.url, "ana").await;
        assert!(tables.len() >= 10, "hers are all there: {tables:?}");
        store.verify(&user("ana")).await.unwrap();
    }
}

fn grant(id: &str, end: i64) -> OauthGrant {
    OauthGrant {
        id: id.to_owned(),
        client_id: "https://agent.example/client.json".to_owned(),
        client_name: "Agent".to_owned(),
        access: Access::Undoable,
        resource: "https://todo.example/mcp".to_owned(),
        created_at: at(0),
        expires_at: at(end),
        last_used_at: None,
    }
}

fn oauth_code(of: &str, grant: &OauthGrant) -> OauthCode {
    OauthCode {
        user_id: of.to_owned(),
        grant_id: grant.id.clone(),
        client_id: grant.client_id.clone(),
        client_name: grant.client_name.clone(),
        redirect_uri: "https://agent.example/back".to_owned(),
        challenge: "challenge".to_owned(),
        access: grant.access,
        resource: grant.resource.clone(),
        expires_at: at(60),
        used_at: None,
    }
}

#[tokio::test]
async fn codes_and_refresh_tokens_of_agents_are_used_once() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let (ana, ben) = (join(store, "ana").await, join(store, "ben").await);
        let g1 = grant("g1", 100);
        let code = oauth_code("ana", &g1);
        store.create_oauth_code(&code, "code", at(0)).await.unwrap();
        let both = tokio::join!(
            store.begin_oauth_grant(&ana, "code", &g1, "r1"),
            store.begin_oauth_grant(&ana, "code", &g1, "r2"),
        );
        let (won, lost) = match both {
            (Ok(()), lost) => ("r1", lost),
            (lost, won) => {
                won.unwrap();
                ("r2", lost)
            }
        };
        assert!(matches!(lost, Err(Error::Conflict)), "{lost:?}");
        let used = store.oauth_code("code").await.unwrap().unwrap();
        assert_eq!(used.used_at, Some(at(0)));
        assert_eq!(
            OauthCode {
                used_at: None,
                ..used
            },
            code
        );

        let stands = async |user: &UserId, second: i64| {
            let found = store.oauth_grant(user, "g1", at(second)).await;
            found.unwrap().is_some()
        };
        // Nobody else's, also by its id; and not past its end.
        assert!(!stands(&ben, 1).await);
        assert!(store.oauth_grants(&ben, at(1)).await.unwrap().is_empty());
        assert!(!store.end_oauth_grant(&ben, "g1").await.unwrap());
        store.touch_oauth_grant(&ben, "g1", at(1)).await.unwrap();
        let found = store.oauth_grant(&ana, "g1", at(1)).await.unwrap();
        assert_eq!(found.as_ref(), Some(&g1));
        assert!(!stands(&ana, 100).await);

        let rotate = |new| store.rotate_refresh_token(&ana, "g1", (won, new), at(10), at(200));
        let both = tokio::join!(rotate("r3"), rotate("r4"));
        assert!(both.0.is_ok() ^ both.1.is_ok(), "{both:?}");
        let used = store.refresh_token(won).await.unwrap().unwrap();
        assert_eq!((used.user_id.as_str(), used.used_at), ("ana", Some(at(10))));
        assert!(stands(&ana, 150).await);

        // Disabling shuts it out, and what was disabled is there again afterwards.
        store.set_disabled(&ana, true, at(11)).await.unwrap();
        assert!(!stands(&ana, 12).await);
        store.set_disabled(&ana, false, at(13)).await.unwrap();
        assert!(stands(&ana, 14).await);

        assert!(store.end_oauth_grant(&ana, "g1").await.unwrap());
        assert!(!stands(&ana, 15).await);
        for token in ["r1", "r2", "r3", "r4"] {
            assert_eq!(store.refresh_token(token).await.unwrap(), None, "{token}");
        }
    }
}

#[tokio::test]
async fn what_agents_no_longer_need_is_removed() {
    const DAY: i64 = 24 * 60 * 60;
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = join(store, "ana").await;
        for id in ["never-let-in", "let-in"] {
            let client = OauthClient {
                id: id.to_owned(),
                name: "Agent".to_owned(),
                redirect_uris: vec!["http://127.0.0.1/a".to_owned(), "x:/b".to_owned()],
                created_at: at(0),
            };
            store.create_oauth_client(&client).await.unwrap();
            assert_eq!(store.oauth_client(id).await.unwrap(), Some(client));
        }
        let g1 = grant("g1", 30 * DAY);
        let code = OauthCode {
            client_id: "let-in".to_owned(),
            ..oauth_code("ana", &g1)
        };
        store.create_oauth_code(&code, "code", at(0)).await.unwrap();
        store
            .begin_oauth_grant(&ana, "code", &g1, "refresh")
            .await
            .unwrap();
        let ended = async |days: i64| {
            store
                .remove_ended(true, at(days * DAY), None)
                .await
                .unwrap();
            [
                store.oauth_code("code").await.unwrap().is_some(),
                store.oauth_client("never-let-in").await.unwrap().is_some(),
                store.refresh_token("refresh").await.unwrap().is_some(),
                store.oauth_client("let-in").await.unwrap().is_some(),
            ]
        };
        assert_eq!(ended(1).await, [true, true, true, true]);
        assert_eq!(ended(2).await, [false, true, true, true]);
        assert_eq!(ended(7).await, [false, false, true, true]);
        assert_eq!(ended(30).await, [false, false, false, true]);
        // The grant goes when the next one comes.
        let g2 = OauthGrant {
            created_at: at(31 * DAY),
            ..grant("g2", 60 * DAY)
        };
        let code = oauth_code("ana", &g2);
        store
            .create_oauth_code(&code, "next", at(31 * DAY))
            .await
            .unwrap();
        store
            .begin_oauth_grant(&ana, "next", &g2, "next")
            .await
            .unwrap();
        let left = store.oauth_grants(&ana, at(0)).await.unwrap();
        assert_eq!(left, [g2]);
    }
}

#[tokio::test]
async fn what_is_left_of_a_journal_still_verifies() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        let (store, ana) = (&database.store, user("ana"));
        for n in 0..5 {
            run(store, &ana, &add(&format!("task {n}")), at(n * 10)).await;
        }
        let complete = |id| {
            Command::CompleteTask(CompleteTask {
                task_id: TaskId(id),
            })
        };
        run(store, &ana, &complete(1), at(100)).await;
        store.remove_entries(&ana, at(35)).await.unwrap();
        assert_eq!(store.verify(&ana).await.unwrap().entries, 2);
        let page = store.history(&ana, None, None, None, 10).await.unwrap();
        let left: Vec<Seq> = page.changes.iter().map(|change| change.change_id).collect();
        assert_eq!(left, [Seq(6), Seq(5)]);
        // What the journal still speaks of is still told from what it is not.
        meddle(
            kind,
            &database.url,
            "UPDATE tasks SET title = 'Something else' WHERE id = 1",
        )
        .await;
        assert!(store.verify(&ana).await.is_err());
        meddle(
            kind,
            &database.url,
            "UPDATE tasks SET title = 'task 0' WHERE id = 1",
        )
        .await;
        store.remove_entries(&ana, at(1000)).await.unwrap();
        assert_eq!(store.verify(&ana).await.unwrap().entries, 0);
        run(store, &ana, &complete(2), at(1001)).await;
        assert_eq!(store.verify(&ana).await.unwrap().entries, 1);
        meddle(kind, &database.url, "DELETE FROM journal").await;
        assert!(store.verify(&ana).await.is_err(), "an entry is missing");
    }
}

#[tokio::test]
async fn an_entry_with_a_wrong_time_takes_nothing_with_it() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        let (store, ana) = (&database.store, user("ana"));
        for seconds in [100, 101, -1_000_000, 102] {
            run(store, &ana, &add("a task"), at(seconds)).await;
        }
        store.remove_entries(&ana, at(0)).await.unwrap();
        assert_eq!(store.verify(&ana).await.unwrap().entries, 4);
    }
}
