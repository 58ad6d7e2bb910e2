//! What agents propose: nothing changes before the owner has said yes, and then only what was shown.

use app::{App, Error, Proposed, Proposing, Retention};
use domain::{Access, Clock, Command, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::Edge;
use store::Store;

use crate::harness::{Answer, BOTH, Client, Database, Harness, NOW, fresh, settings};
use crate::page::Browser;

fn command(name: &str, arguments: Value) -> Command {
    let command = Value::from_iter([("name", Value::from(name)), ("arguments", arguments)]);
    serde_json::from_value(command).unwrap()
}

async fn wish(
    app: &App,
    user: &UserId,
    agent: &str,
    name: &str,
    arguments: Value,
) -> Result<Proposing, Error> {
    app.propose(user, &command(name, arguments), agent, "request-1")
        .await
}

fn waits(proposing: Result<Proposing, Error>) -> Proposed {
    match proposing.unwrap() {
        Proposing::Waits(proposed) => proposed,
        Proposing::Outcome(outcome) => panic!("{outcome:?}"),
    }
}

async fn propose(app: &App, user: &UserId, name: &str, arguments: Value) -> Proposed {
    waits(wish(app, user, "Robo", name, arguments).await)
}

/// Ana, with three tasks, on a database that others can be on too.
struct Scene {
    url: String,
    store: Store,
    harness: Harness,
    ana: Client,
}

impl Scene {
    async fn new(database: Database) -> Self {
        let (url, store) = fresh(database).await;
        let harness = Harness::on(store.clone());
        let ana = harness.user("ana").await;
        for title in ["Dentist", "Milk", "Rent"] {
            ana.add(json!({ "title": title })).await;
        }
        Self {
            url,
            store,
            harness,
            ana,
        }
    }

    async fn propose(&self, name: &str, arguments: Value) -> Proposed {
        propose(&self.harness.app, &self.ana.id, name, arguments).await
    }

    async fn accept(&self, id: &Proposed, body: Option<Value>) -> Answer {
        let path = format!("/proposals/{}/accept", id.id);
        self.ana.send("POST", &path, body, &[]).await
    }

    /// The same database, this many days later.
    fn after(&self, days: i64) -> Harness {
        let now: Timestamp = NOW.parse().unwrap();
        let clock = Clock::fixed(now + SignedDuration::from_hours(24 * days));
        Harness::at(self.store.clone(), clock, settings(), Edge::default())
    }

    async fn last_change(&self) -> Value {
        self.ana.get("/journal?limit=1").await.json()["changes"][0].take()
    }
}

const FULL: &str = "as many proposals wait for an answer as there may be; ask the owner to accept or dismiss some first";
const UNTOUCHED: &str = "1 [ ] Dentist\n2 [ ] Milk\n3 [ ] Rent";

#[tokio::test]
async fn nothing_changes_until_the_owner_accepts_and_the_change_is_the_agents() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        let proposed = scene
            .propose("complete_tasks", json!({ "task_ids": [1, 3] }))
            .await;
        assert_eq!(scene.ana.tasks().await, UNTOUCHED);
        let waiting = scene.ana.get("/proposals").await.json();
        let expected = json!([{
            "id": 1,
            "agent": "Robo",
            "text": "Mark 2 tasks as complete?\n1. Dentist\n3. Rent",
            "task_ids": [1, 3],
            "proposed_at": "2026-11-25T09:15:00Z",
            "expires_at": "2026-12-02T09:15:00Z",
        }]);
        assert_eq!(waiting, expected);
        let export = scene.ana.get("/export").await.json();
        assert_eq!(export["proposals"][0]["id"], 1, "{export}");

        let accepted = scene.accept(&proposed, None).await;
        assert_eq!(accepted.status, 200, "{accepted:?}");
        let accepted = accepted.json();
        assert_eq!(
            accepted["text"],
            "Completed 2 tasks: \u{201c}Dentist\u{201d} and \u{201c}Rent\u{201d}."
        );
        assert_eq!(
            scene.ana.tasks().await,
            "1 [x] Dentist\n2 [ ] Milk\n3 [x] Rent"
        );
        assert_eq!(scene.ana.get("/proposals").await.json(), json!([]));
        let change = scene.last_change().await;
        assert_eq!(change["change_id"], accepted["change_ids"][0]);
        assert_eq!(
            (&change["actor"], &change["door"]),
            (&json!("agent:Robo"), &json!("mcp"))
        );
        let again = scene.accept(&proposed, None).await;
        assert_eq!(
            again.problem(),
            "409 proposal-ended: proposal 1 was accepted already; list the proposals to see what waits"
        );
        let undone = scene.ana.post("/journal/undo", json!({})).await;
        assert_eq!(undone.status, 200, "{undone:?}");
        assert_eq!(scene.ana.tasks().await, UNTOUCHED);
    }
}

#[tokio::test]
async fn a_part_can_be_accepted_and_the_rest_is_dropped() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        let proposed = scene
            .propose("delete_tasks", json!({ "task_ids": [1, 2] }))
            .await;
        let stranger = scene
            .accept(&proposed, Some(json!({ "task_ids": [2, 3] })))
            .await;
        assert_eq!(
            stranger.problem(),
            "422 not-proposed: task 3 is not part of proposal 1; list the proposals to see what each is about"
        );
        let unknown = scene.accept(&proposed, Some(json!({ "tasks": [2] }))).await;
        assert_eq!(unknown.status, 422, "{unknown:?}");
        let accepted = scene
            .accept(&proposed, Some(json!({ "task_ids": [2] })))
            .await;
        assert_eq!(accepted.json()["text"], "Deleted \u{201c}Milk\u{201d}.");
        assert_eq!(scene.ana.tasks().await, "1 [ ] Dentist\n3 [ ] Rent");
        assert_eq!(scene.ana.get("/proposals").await.json(), json!([]));
    }
}

#[tokio::test]
async fn what_changed_meanwhile_is_left_out_and_said() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        let proposed = scene
            .propose("delete_tasks", json!({ "task_ids": [1, 2] }))
            .await;
        let alone = scene.propose("delete_task", json!({ "task_id": 1 })).await;
        scene
            .ana
            .patch("/tasks/1", json!({ "title": "Dentist, urgently" }))
            .await;
        let accepted = scene.accept(&proposed, None).await.json();
        assert_eq!(
            accepted["text"],
            "Deleted \u{201c}Milk\u{201d}.\nOne task was left out, because it has changed since I asked."
        );
        assert_eq!(
            scene.ana.tasks().await,
            "1 [ ] Dentist, urgently\n3 [ ] Rent"
        );
        let accepted = scene.accept(&alone, None).await.json();
        assert_eq!(accepted["change_ids"], json!([]), "{accepted}");
        assert_eq!(
            accepted["notices"],
            json!(["One task was left out, because it has changed since I asked."])
        );
        assert_eq!(
            scene.ana.tasks().await,
            "1 [ ] Dentist, urgently\n3 [ ] Rent"
        );
    }
}

#[tokio::test]
async fn what_was_dismissed_or_has_waited_too_long_cannot_be_accepted() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        let no = scene.propose("delete_task", json!({ "task_id": 1 })).await;
        let late = scene.propose("delete_task", json!({ "task_id": 2 })).await;
        let path = format!("/proposals/{}/dismiss", no.id);
        assert_eq!(scene.ana.send("POST", &path, None, &[]).await.status, 204);
        let accepted = scene.accept(&no, None).await;
        assert!(accepted.problem().contains("was dismissed"), "{accepted:?}");
        assert_eq!(scene.ana.send("POST", &path, None, &[]).await.status, 409);

        let in_time = scene.after(6);
        assert_eq!(in_time.app.proposals(&scene.ana.id).await.unwrap().len(), 1);
        let after = scene.after(8);
        assert_eq!(after.app.proposals(&scene.ana.id).await.unwrap(), []);
        let ended = after
            .app
            .accept_proposal(&scene.ana.id, late.id, None)
            .await;
        assert_eq!(
            ended.unwrap_err().to_string(),
            "proposal 2 has waited too long; list the proposals to see what waits"
        );
        assert_eq!(scene.ana.tasks().await, UNTOUCHED);

        // The first is forgotten a month after it was dismissed, the other a month after it ended.
        let month = scene.after(31);
        let retention = Retention::default();
        month
            .app
            .remove_old(&scene.ana.id, &retention)
            .await
            .unwrap();
        let gone = month.app.accept_proposal(&scene.ana.id, no.id, None).await;
        assert!(matches!(gone, Err(Error::NoSuchProposal(_))), "{gone:?}");
        let known = month
            .app
            .accept_proposal(&scene.ana.id, late.id, None)
            .await;
        assert!(matches!(known, Err(Error::ProposalEnded(..))), "{known:?}");
    }
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        // In memory there is one copy; on Postgres each has a pool of its own.
        let other = match database {
            Database::Sqlite => scene.store.clone(),
            Database::Postgres => Store::open(&scene.url).await.unwrap(),
        };
        let other = Harness::on(other);
        let (one, two, ana) = (&scene.harness.app, &other.app, &scene.ana.id);
        for n in 0..10 {
            let title = format!("Thing {n}");
            let proposed = propose(one, ana, "add_task", json!({ "title": title })).await;
            let accepted = tokio::join!(
                one.accept_proposal(ana, proposed.id, None),
                two.accept_proposal(ana, proposed.id, None),
            );
            let ended = |result: &Result<_, Error>| matches!(result, Err(Error::ProposalEnded(..)));
            let (one_ended, two_ended) = (ended(&accepted.0), ended(&accepted.1));
            assert!(one_ended != two_ended, "{accepted:?}");

            let title = format!("Doubtful {n}");
            let proposed = propose(one, ana, "add_task", json!({ "title": title })).await;
            let (accepted, dismissed) = tokio::join!(
                one.accept_proposal(ana, proposed.id, None),
                two.dismiss_proposal(ana, proposed.id),
            );
            assert!(accepted.is_ok() != dismissed.is_ok());
            let there = scene.ana.tasks().await.contains(&title);
            assert_eq!(there, accepted.is_ok(), "{accepted:?}");
        }
        let tasks = scene.ana.tasks().await;
        assert_eq!(tasks.matches("Thing").count(), 10, "{tasks}");
        let audits = one.audit(std::slice::from_ref(ana)).await.unwrap();
        assert_eq!(audits[0].problem, None);
    }
}

#[tokio::test]
async fn the_same_again_is_the_same_proposal_and_a_hundred_are_enough() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        let (app, ana) = (&scene.harness.app, &scene.ana.id);
        let delete = || scene.propose("delete_tasks", json!({ "filter": "all" }));
        let first = delete().await;
        assert_eq!(delete().await, first);
        let other = wish(
            app,
            ana,
            "Other",
            "delete_tasks",
            json!({ "filter": "all" }),
        );
        let other = waits(other.await);
        assert_ne!(other.id, first.id, "another agent's is another");
        // What would do something else by now takes the place of the first.
        scene.ana.add(json!({ "title": "Attic" })).await;
        let newer = delete().await;
        assert_ne!(newer.id, first.id);
        let old = app.accept_proposal(ana, first.id, None).await;
        assert_eq!(
            old.unwrap_err().to_string(),
            "proposal 1 was replaced by a newer one; list the proposals to see what waits"
        );
        for n in 2..100 {
            scene
                .propose("add_task", json!({ "title": format!("Spam {n}") }))
                .await;
        }
        let full = wish(app, ana, "Robo", "add_task", json!({ "title": "One more" }));
        assert_eq!(full.await.unwrap_err().to_string(), FULL);
        assert_eq!(delete().await, newer, "what waits can still be asked after");
        app.dismiss_proposal(ana, newer.id).await.unwrap();
        scene
            .propose("add_task", json!({ "title": "One more" }))
            .await;
        assert_eq!(
            scene
                .ana
                .get("/proposals")
                .await
                .json()
                .as_array()
                .unwrap()
                .len(),
            100
        );
        // Of what has ended there may be any number.
        let week = scene.after(8);
        propose(&week.app, ana, "add_task", json!({ "title": "Next week" })).await;
    }
}

#[tokio::test]
async fn what_waits_fits_into_a_little_memory() {
    let scene = Scene::new(Database::Sqlite).await;
    let (app, ana) = (&scene.harness.app, &scene.ana.id);
    // About as much as fits into one message.
    let large = |n: usize| {
        let task = json!({ "title": format!("Spam {n}"), "description": "x".repeat(10_000) });
        json!({ "tasks": vec![task; 20] })
    };
    let first = scene.propose("add_tasks", large(0)).await;
    let mut kept = 1;
    let why = loop {
        match wish(app, ana, "Robo", "add_tasks", large(kept)).await {
            Ok(_) => kept += 1,
            Err(why) => break why.to_string(),
        }
        assert!(kept < 10, "that is megabytes");
    };
    assert_eq!(why, FULL);
    app.dismiss_proposal(ana, first.id).await.unwrap();
    scene.propose("add_tasks", large(kept)).await;
}

#[tokio::test]
async fn what_cannot_be_done_or_is_so_already_is_not_proposed() {
    let scene = Scene::new(Database::Sqlite).await;
    let (app, ana) = (&scene.harness.app, &scene.ana.id);
    let missing = wish(app, ana, "Robo", "delete_task", json!({ "task_id": 9 }));
    assert_eq!(
        missing.await.unwrap_err().to_string(),
        "there is no task 9; list your tasks to see their numbers"
    );
    let open = wish(app, ana, "Robo", "reopen_task", json!({ "task_id": 1 }));
    assert!(matches!(
        open.await,
        Ok(Proposing::Outcome(domain::Outcome::Unchanged(_)))
    ));
    let looks = wish(app, ana, "Robo", "get_task", json!({ "task_id": 1 }));
    assert!(matches!(
        looks.await,
        Ok(Proposing::Outcome(domain::Outcome::Task(_)))
    ));
    assert_eq!(scene.ana.get("/proposals").await.json(), json!([]));
}

#[tokio::test]
async fn a_proposal_outlives_the_server() {
    for database in BOTH {
        let file = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}", file.path().join("sayso.db").display()),
            Database::Postgres => fresh(database).await.0,
        };
        let store = Store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        let before = Harness::on(store.clone());
        let ana = before.user("ana").await.id;
        let milk = json!({ "title": "Milk", "due": "2026-11-26", "project": "Errands" });
        let proposed = propose(&before.app, &ana, "add_task", milk).await;
        store.close().await;
        drop(before);

        let after = Harness::on(Store::open(&url).await.unwrap());
        // The days are written out: it may be read on another.
        assert_eq!(
            proposed.text,
            "Add 1 task?\nMilk, due Thu 26 Nov 2026, in Errands\nThe project \u{201c}Errands\u{201d} is new"
        );
        let waiting = after.app.proposals(&ana).await.unwrap();
        assert_eq!(waiting[0].text, proposed.text);
        let accepted = after
            .app
            .accept_proposal(&ana, proposed.id, None)
            .await
            .unwrap();
        assert_eq!(accepted.change_ids.len(), 1, "{accepted:?}");
        assert_eq!(
            after.client(ana).await.tasks().await,
            "1 [ ] Milk due 2026-11-26"
        );
    }
}

#[tokio::test]
async fn undoing_takes_back_the_change_that_was_shown() {
    let scene = Scene::new(Database::Sqlite).await;
    scene.ana.add(json!({ "title": "Attic" })).await;
    let proposed = scene.propose("undo_change", json!({})).await;
    assert_eq!(
        proposed.text,
        "Take back change 5?\n\u{201c}Attic\u{201d} is gone"
    );
    scene.ana.add(json!({ "title": "Piano" })).await;
    scene.accept(&proposed, None).await;
    assert_eq!(scene.ana.tasks().await, format!("{UNTOUCHED}\n5 [ ] Piano"));
}

#[tokio::test]
async fn what_cannot_be_made_good_by_a_glance_is_asked_twice_and_anew_if_there_is_more() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        scene.ana.send("DELETE", "/tasks/1", None, &[]).await;
        let first = scene.propose("empty_trash", json!({})).await;
        scene.ana.send("DELETE", "/tasks/2", None, &[]).await;
        let sure = scene.accept(&first, None).await.json();
        assert_eq!(
            sure["asked_again"]["text"],
            "Remove 1 task in the trash for good?\n1. Dentist\nAre you sure? 1 task is affected."
        );
        // A second click on the first question is no second yes.
        assert_eq!(scene.accept(&first, None).await.status, 409);
        let path = format!("/proposals/{}/accept", sure["asked_again"]["id"]);
        let more = scene.ana.send("POST", &path, None, &[]).await.json();
        assert_eq!(
            more["text"],
            "Something has changed since I asked, so nothing was done yet.\nRemove 2 tasks in the trash for good?\n1. Dentist\n2. Milk"
        );
        assert_eq!(more["change_ids"], json!([]));
        let trash = scene.ana.get("/tasks?filter=trash").await.json();
        assert_eq!(trash.as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn nobody_but_the_owner_answers() {
    for database in BOTH {
        let scene = Scene::new(database).await;
        let proposed = scene.propose("delete_task", json!({ "task_id": 1 })).await;
        let ben = scene.harness.user("ben").await;
        assert_eq!(ben.get("/proposals").await.json(), json!([]));
        for what in ["accept", "dismiss"] {
            let answer = ben
                .post(&format!("/proposals/{}/{what}", proposed.id), json!({}))
                .await;
            assert_eq!(
                answer.problem(),
                "404 no-such-proposal: there is no proposal 1; list the proposals to see their numbers"
            );
        }
        // The agent cannot say yes for her, nor can anything that may not change everything.
        for access in [Access::Read, Access::Propose, Access::Undoable] {
            let from = accounts::Client::default();
            let token = scene
                .harness
                .accounts
                .create_token(&scene.ana.id, "Robo", access, None, &from)
                .await
                .unwrap();
            let bearer = format!("Bearer {}", token.secret);
            for what in ["accept", "dismiss"] {
                let path = format!("/api/proposals/{}/{what}", proposed.id);
                let answer = scene
                    .harness
                    .send(crate::harness::request(
                        "POST",
                        &path,
                        &[("authorization", &bearer)],
                        None,
                    ))
                    .await;
                assert!(answer.problem().starts_with("403 forbidden"), "{answer:?}");
            }
            assert_eq!(
                scene
                    .harness
                    .get("/api/proposals", &[("authorization", &bearer)])
                    .await
                    .status,
                200
            );
        }
        assert_eq!(scene.ana.tasks().await, UNTOUCHED);
        assert_eq!(scene.ana.get("/proposals").await.json()[0]["id"], 1);
    }
}

#[tokio::test]
async fn the_page_shows_what_waits_and_takes_the_answer() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        assert!(!browser.sees("/proposals"), "nothing waits");
        for title in ["dentist", "<b>milk</b> today", "rent"] {
            browser.submit("/add", &[("text", title)]).await;
        }
        let owner = browser.harness.accounts.local_owner().await.unwrap().0;
        let app = browser.harness.app.clone();
        let update = command(
            "update_tasks",
            json!({ "task_ids": [1, 2, 3], "patch": { "priority": "high" } }),
        );
        let poisoned = "<script>alert(1)</script>";
        app.propose(&owner, &update, poisoned, "r").await.unwrap();
        let add = command(
            "add_task",
            json!({ "title": "<img src=x onerror=alert(2)>" }),
        );
        app.propose(&owner, &add, "Robo", "r").await.unwrap();

        browser.open("/").await;
        assert!(
            browser.sees("Proposals</span> <span class=\"count\">2</span></a>"),
            "{}",
            browser.page.text
        );
        browser.open("/proposals").await;
        assert!(browser.sees("Change 3 tasks?"));
        assert!(
            browser.sees("&#60;b&#62;Milk&#60;/b&#62;: P1")
                || browser.sees("&#60;b&#62;milk&#60;/b&#62;: P1"),
            "{}",
            browser.page.text
        );
        assert!(browser.sees("&#60;script&#62;alert(1)&#60;/script&#62;"));
        assert!(!browser.sees("<script>") && !browser.sees("<img src=x") && !browser.sees("<b>"));

        // One is unchecked, and one has changed meanwhile.
        browser.open("/all").await;
        browser.press("complete", "3").await;
        browser.open("/proposals").await;
        assert!(browser.sees("changed since"));
        browser
            .submit(
                "/proposals/1",
                &[("task_1", "on"), ("task_3", "on"), ("answer", "approve")],
            )
            .await;
        assert!(
            browser.sees("One task was left out, because it has changed since"),
            "{}",
            browser.page.text
        );
        assert!(browser.sees("through an agent") && browser.sees("Undo"));
        let (one, two) = (
            app.task(&owner, domain::TaskId(1)).await,
            app.task(&owner, domain::TaskId(2)).await,
        );
        assert_eq!(one.unwrap().unwrap().priority, domain::Priority::High);
        assert_eq!(two.unwrap().unwrap().priority, domain::Priority::None);

        browser
            .submit("/proposals/2", &[("answer", "approve")])
            .await;
        assert!(
            browser.address.starts_with("/proposals?change="),
            "{}",
            browser.address
        );
        assert!(browser.sees("Nothing waits for your answer."));
        let change = browser.address.split("change=").nth(1).unwrap().to_owned();
        browser
            .submit(&format!("/changes/{change}/undo"), &[])
            .await;
        assert!(app.task(&owner, domain::TaskId(4)).await.unwrap().is_none());

        app.propose(&owner, &add, "Robo", "r").await.unwrap();
        browser.open("/proposals").await;
        let stale = browser.page.clone();
        browser
            .submit("/proposals/3", &[("answer", "cancel")])
            .await;
        assert!(browser.sees("Nothing waits for your answer."));
        browser.page = stale;
        browser
            .submit("/proposals/3", &[("answer", "approve")])
            .await;
        assert_eq!(browser.page.status, 409);
        assert!(
            browser.sees("proposal 3 was dismissed"),
            "{}",
            browser.page.text
        );
        assert!(app.task(&owner, domain::TaskId(5)).await.unwrap().is_none());
    }
}
