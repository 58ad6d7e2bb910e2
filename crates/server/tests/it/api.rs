//! REST, as the contract has it.

use serde_json::json;

use crate::harness::{BOTH, Database, Harness};

#[tokio::test]
async fn a_task_lives_and_dies() {
    for database in BOTH {
        let ana = Harness::new(database).await.user("ana").await;
        let made = ana
            .post(
                "/tasks",
                json!({
                    "title": "  Buy\u{0} milk ", "description": "2 litres", "due_date": "2026-12-01T18:00",
                    "priority": "high", "tags": ["shop", "Shop", "home"], "project": "Home",
                    "user_id": ana.id.as_str(), "recurrence": null,
                }),
            )
            .await;
        assert_eq!(made.status, 201);
        assert_eq!(made.header("location"), format!("/api/{}/tasks/1", ana.id));
        let task = made.json();
        assert_eq!(task["title"], "Buy milk");
        assert_eq!(task["tags"], json!(["home", "shop"]));
        assert_eq!(task["user_id"], ana.id.as_str());
        assert_eq!(task["completed"], false);
        assert_eq!(task["created_at"], "2026-11-25T09:15:00Z");
        assert_eq!(ana.get("/tasks/1").await.json(), task);
        assert_eq!(ana.get("/projects").await.json()[0]["name"], "Home");

        let changed = ana
            .send(
                "PUT",
                "/tasks/1",
                Some(json!({ "title": "Buy oat milk", "description": null })),
                &[],
            )
            .await;
        assert_eq!(changed.json()["title"], "Buy oat milk");
        assert_eq!(changed.json()["description"], "");
        assert_eq!(changed.json()["due_date"], "2026-12-01T18:00");
        let changed = ana
            .patch(
                "/tasks/1",
                json!({ "due_date": "next friday", "completed": true }),
            )
            .await;
        assert_eq!(changed.json()["completed"], true);
        // Another day in words leaves the time alone.
        assert_eq!(changed.json()["due_date"], "2026-12-04T18:00");

        assert_eq!(
            ana.patch("/tasks/1/complete", json!({})).await.json()["completed"],
            false
        );
        assert_eq!(
            ana.patch("/tasks/1/complete", json!({})).await.json()["completed"],
            true
        );

        let gone = ana.send("DELETE", "/tasks/1", None, &[]).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        assert!(
            ana.get("/tasks/1")
                .await
                .problem()
                .starts_with("404 no-such-task")
        );
        assert!(
            ana.send("DELETE", "/tasks/1", None, &[])
                .await
                .problem()
                .starts_with("404 no-such-task")
        );
        assert_eq!(ana.get("/tasks").await.json(), json!([]));
        let undone = ana
            .post(
                &format!("/journal/{}/undo", gone.header("x-change-id")),
                json!({}),
            )
            .await;
        assert_eq!(undone.json()["outcome"], "changed");
        assert_eq!(ana.get("/tasks/1").await.json()["completed"], true);
    }
}

#[tokio::test]
async fn the_same_paths_without_the_user() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    ana.post("/api/tasks", json!({ "title": "Short path" }))
        .await;
    assert_eq!(
        ana.get("/api/tasks/1").await.json(),
        ana.get("/tasks/1").await.json()
    );
}

#[tokio::test]
async fn lists_come_in_pages_that_hold_every_task_once() {
    for database in BOTH {
        let ana = Harness::new(database).await.user("ana").await;
        for n in 1..=25 {
            let due = if n % 3 == 0 {
                json!(null)
            } else {
                json!(format!("2026-12-{:02}", 1 + n % 4))
            };
            let priority = ["none", "low", "medium", "high"][n % 4];
            ana.add(json!({ "title": format!("Task {n}"), "due_date": due, "priority": priority }))
                .await;
        }
        for order in ["due", "added", "place"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let from = if cursor.is_empty() {
                    String::new()
                } else {
                    format!("&cursor={cursor}")
                };
                let page = ana
                    .get(&format!("/tasks?order={order}&limit=7{from}"))
                    .await;
                assert_eq!(page.header("x-total-count"), "25");
                seen.extend(
                    page.json()
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|task| task["id"].as_i64().unwrap()),
                );
                cursor = page.header("x-next-cursor").to_owned();
                if cursor.is_empty() {
                    break;
                }
            }
            let mut sorted = seen.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (1..=25).collect::<Vec<i64>>(), "{order}: {seen:?}");
        }
        assert!(
            ana.get("/tasks?cursor=nonsense")
                .await
                .problem()
                .starts_with("422 bad-cursor")
        );
        assert!(
            ana.get("/tasks?limit=0")
                .await
                .problem()
                .starts_with("422 bad-limit")
        );
        assert!(
            ana.get("/tasks?filter=(today")
                .await
                .problem()
                .starts_with("422 invalid")
        );
    }
}

#[tokio::test]
async fn filters_name_the_same_tasks_on_both_databases() {
    for database in BOTH {
        let ana = Harness::new(database).await.user("ana").await;
        ana.add(json!({ "title": "Late", "due_date": "2026-11-20", "tags": ["work"] }))
            .await;
        ana.add(json!({ "title": "Today", "due_date": "2026-11-25", "project": "Work" }))
            .await;
        ana.add(json!({ "title": "100% sure_thing", "priority": "high" }))
            .await;
        ana.add(json!({ "title": "Elsewhere", "due_date": "2026-11-26T00:30[Asia/Tokyo]" }))
            .await;
        ana.add(json!({ "title": "Done", "completed": true })).await;
        let found = async |filter: &str| {
            let answer = ana
                .send(
                    "POST",
                    "/commands",
                    Some(json!({ "name": "list_tasks", "arguments": { "filter": filter } })),
                    &[],
                )
                .await;
            let tasks = answer.json()["tasks"].clone();
            tasks
                .as_array()
                .unwrap()
                .iter()
                .map(|task| task["title"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
                .join(", ")
        };
        assert_eq!(found("overdue").await, "Late");
        assert_eq!(found("today").await, "Today, Elsewhere");
        assert_eq!(found("#work").await, "Late, Today");
        assert_eq!(found("#work & !@work").await, "Today");
        assert_eq!(found("p1 | done").await, "100% sure_thing, Done");
        assert_eq!(found("\"0% sure_\"").await, "100% sure_thing");
        assert_eq!(found("\"SURE%\"").await, "");
        assert_eq!(found("done today").await, "Done");
        assert_eq!(found("trash").await, "");
    }
}

#[tokio::test]
async fn every_write_takes_an_idempotency_key() {
    for database in BOTH {
        let ana = Harness::new(database).await.user("ana").await;
        let key = [("idempotency-key", "once")];
        let first = ana
            .send("POST", "/tasks", Some(json!({ "title": "One" })), &key)
            .await;
        let again = ana
            .send("POST", "/tasks", Some(json!({ "title": "One" })), &key)
            .await;
        assert_eq!(first.json(), again.json());
        assert_eq!(ana.tasks().await, "1 [ ] One");
        let other = ana.send("DELETE", "/tasks/1", None, &key).await;
        assert!(other.problem().starts_with("422 key-reused"));
    }
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    ana.add(json!({ "title": "One" })).await;
    let version = ana.get("/tasks/1").await.json()["version"].clone();
    ana.patch("/tasks/1", json!({ "title": "Two" })).await;
    let stale = ana
        .patch(
            "/tasks/1",
            json!({ "title": "Three", "if_version": version }),
        )
        .await;
    assert!(stale.problem().starts_with("409 changed-since"));
    assert_eq!(ana.tasks().await, "1 [ ] Two");
}

#[tokio::test]
async fn an_undo_that_would_lose_a_later_change_is_refused_by_name() {
    for database in BOTH {
        let ana = Harness::new(database).await.user("ana").await;
        ana.add(json!({ "title": "One" })).await;
        let renamed = ana.patch("/tasks/1", json!({ "title": "Two" })).await;
        let again = ana.patch("/tasks/1", json!({ "title": "Three" })).await;
        let path = format!("/journal/{}/undo", renamed.header("x-change-id"));
        let refused = ana.post(&path, json!({})).await.problem();
        assert!(refused.starts_with("409 stands-in-the-way"), "{refused}");
        assert!(
            refused.contains(&format!("change {}", again.header("x-change-id"))),
            "{refused}"
        );
        assert_eq!(ana.tasks().await, "1 [ ] Three");
    }
}

#[tokio::test]
async fn import_is_all_or_nothing_and_export_has_everything() {
    for database in BOTH {
        let mut ana = Harness::new(database).await.user("ana").await;
        let bad = json!({ "tasks": [{ "title": "Good" }, { "title": "" }] });
        assert!(
            ana.post("/import", bad)
                .await
                .problem()
                .starts_with("422 invalid: tasks[1].title")
        );
        assert_eq!(ana.tasks().await, "");
        let good = json!({ "tasks": [{ "title": "One" }, { "title": "Two", "completed": true }] });
        assert_eq!(ana.post("/import", good).await.status, 201);
        ana.say("delete task 1").await;
        let export = ana.get("/export").await.json();
        assert_eq!(export["tasks"].as_array().unwrap().len(), 2);
        assert_eq!(export["journal"].as_array().unwrap().len(), 3);
        assert_eq!(
            export["conversations"][0]["messages"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        assert_eq!(export["settings"]["time_zone"], "Europe/Lisbon");
    }
}

#[tokio::test]
async fn labels_and_how_much_they_are_used() {
    let harness = Harness::new(Database::Sqlite).await;
    let (ana, ben) = (harness.user("ana").await, harness.user("ben").await);
    for tags in [["phone", "home"], ["phone", "work"]] {
        ana.add(json!({ "title": "Call", "tags": tags })).await;
    }
    assert_eq!(
        ana.get("/labels").await.json(),
        json!([{ "label": "phone", "open": 2 }, { "label": "home", "open": 1 }, { "label": "work", "open": 1 }])
    );
    assert_eq!(ben.get("/labels").await.json(), json!([]));
}

#[tokio::test]
async fn filters_are_saved_among_the_settings() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    let filters = json!([{ "name": "Work", "filter": "#work & !p1" }]);
    let saved = ana.patch("/settings", json!({ "filters": filters })).await;
    assert_eq!(saved.json()["filters"], filters);
    ana.patch("/settings", json!({ "week_start": "sunday" }))
        .await;
    let settings = ana.get("/settings").await.json();
    assert_eq!(settings["filters"], filters, "whatever else is changed");
    let twice = json!([{ "name": "a", "filter": "open" }, { "name": "A", "filter": "done" }]);
    let twice = ana.patch("/settings", json!({ "filters": twice })).await;
    assert!(twice.problem().starts_with("409 filter-exists"));
    ana.patch("/settings", json!({ "filters": [] })).await;
    ana.post("/journal/undo", json!(null)).await;
    assert_eq!(ana.get("/settings").await.json()["filters"], filters);
}

#[tokio::test]
async fn what_somebody_else_did() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    ana.add(json!({ "title": "Milk" })).await;
    let by = async |who: &str| {
        let page = ana.get(&format!("/journal?by={who}")).await.json();
        page["changes"].as_array().unwrap().len()
    };
    assert_eq!(
        (by("person").await, by("agent").await, by("model").await),
        (2, 0, 0)
    );
    let wrong = ana.get("/journal?by=nobody").await;
    assert!(wrong.problem().starts_with("422 invalid"), "{wrong:?}");
}

#[tokio::test]
async fn the_nearest_filter_that_names_something() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let ana = harness.user("ana").await;
        for task in [
            json!({ "title": "Call", "tags": ["phone"], "due_date": "2026-11-20" }),
            json!({ "title": "Write", "due_date": "2026-11-21" }),
            json!({ "title": "Paint", "priority": "high", "due_date": "2026-11-22" }),
        ] {
            ana.add(task).await;
        }
        let looser = async |filter: &str| {
            let found = harness.app.looser(&ana.id, &filter.parse().unwrap()).await;
            found.unwrap().map(|looser| {
                format!(
                    "{} without {}: {}",
                    looser.filter, looser.without, looser.count
                )
            })
        };
        let expected = [
            ("overdue & #work", Some("overdue without #work: 3")),
            (
                "overdue & @phone & p1",
                Some("overdue & @phone without p1: 1"),
            ),
            (
                "overdue & \"paint\" & p2",
                Some("overdue & \"paint\" without p2: 1"),
            ),
            ("#work & done & p3", None),
            ("#work", None),
            ("#work | done", None),
        ];
        for (filter, nearest) in expected {
            assert_eq!(looser(filter).await.as_deref(), nearest, "{filter}");
        }
    }
}

#[tokio::test]
async fn the_document_describes_every_route() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    let document = ana.get("/api/../openapi.json").await;
    assert_eq!(document.status, 404, "there is no way around the paths");
    let request = axum::http::Request::get("/openapi.json")
        .body(axum::body::Body::empty())
        .unwrap();
    let document = harness.send(request).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    for path in [
        "tasks",
        "tasks/{id}",
        "tasks/{id}/complete",
        "chat",
        "conversations",
        "journal",
        "export",
        "commands",
    ] {
        assert!(
            paths
                .iter()
                .any(|known| **known == format!("/api/{{user_id}}/{path}")),
            "{path} is not in {paths:?}"
        );
    }
    // Nothing refers to a schema that is not there.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name} is missing"
        );
    }
    let request = axum::http::Request::get("/docs")
        .body(axum::body::Body::empty())
        .unwrap();
    assert!(
        harness
            .send(request)
            .await
            .text
            .contains("/api/{user_id}/tasks")
    );
}

#[tokio::test]
async fn health_tells_version_and_database() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        for path in ["/health", "/livez", "/readyz"] {
            let request = axum::http::Request::get(path)
                .body(axum::body::Body::empty())
                .unwrap();
            assert_eq!(harness.send(request).await.status, 200);
        }
        let request = axum::http::Request::get("/health")
            .body(axum::body::Body::empty())
            .unwrap();
        let health = harness.send(request).await.json();
        assert_eq!(health["status"], "ok");
        assert_eq!(
            health["database"]["kind"],
            match database {
                Database::Sqlite => "sqlite",
                Database::Postgres => "postgres",
            }
        );
    }
}
