//! Agents as guests: how far each kind of token reaches, and that none reaches anybody else's.

use domain::Access;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::harness::{BOTH, Client, Database, Harness};

/// Everything of somebody's that an agent could change.
async fn all_of(owner: &Client) -> String {
    let mut export = owner.get("/export").await.json();
    // When a token was shown last is not theirs to keep still.
    export["account"] = Value::Null;
    export.to_string()
}

/// Every tool, called in a way that would do something if it were the caller's.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("add_task", json!({ "title": "New", "parent_id": 1 })),
        (
            "add_tasks",
            json!({ "tasks": [{ "title": "New", "parent_id": 1 }] }),
        ),
        ("complete_task", json!({ "task_id": 1 })),
        ("complete_tasks", json!({ "task_ids": [1] })),
        ("reopen_task", json!({ "task_id": 2 })),
        ("update_task", json!({ "task_id": 1, "title": "Taken" })),
        (
            "update_tasks",
            json!({ "task_ids": [1], "patch": { "title": "Taken" } }),
        ),
        ("delete_task", json!({ "task_id": 1 })),
        ("delete_tasks", json!({ "filter": "all" })),
        ("empty_trash", json!({})),
        ("add_project", json!({ "name": "Secret plans" })),
        ("update_project", json!({ "project": 1, "name": "Taken" })),
        ("delete_project", json!({ "project": "Secret plans" })),
        ("undo_change", json!({ "change_id": 2 })),
        ("undo_change", json!({})),
        ("list_tasks", json!({ "filter": "all" })),
        ("list_tasks", json!({ "filter": "trash" })),
        ("list_projects", json!({ "archived": true })),
        ("get_task", json!({ "task_id": 1 })),
        ("get_overview", json!({})),
        ("search", json!({ "query": "secret" })),
        ("fetch", json!({ "id": "task:1" })),
    ]
}

/// Bo, with tasks open, done and in the trash, and a project.
async fn bo(harness: &Harness) -> Client {
    let bo = harness.user("bo").await;
    for title in ["Bo's secret 1", "Bo's secret 2", "Bo's secret 3"] {
        bo.add(json!({ "title": title, "project": "Secret plans", "due_date": "2026-11-25" }))
            .await;
    }
    bo.patch("/tasks/2/complete", json!({})).await;
    bo.send("DELETE", "/tasks/3", None, &[]).await;
    bo
}

#[tokio::test]
async fn nothing_of_anybody_elses_is_reached_by_any_tool_prompt_or_resource() {
    for database in BOTH {
        let harness = Harness::searching(database).await;
        let (ana, bo) = (harness.user("ana").await, bo(&harness).await);
        let agent = Agent::new(&harness, &ana, "Claude", Access::Write).await;
        let before = all_of(&bo).await;
        let names = agent.result("tools/list", json!({})).await;
        assert_eq!(names["tools"].as_array().unwrap().len(), 20);
        assert!(names["tools"].to_string().len() <= 24 * 1024);
        for tool in names["tools"].as_array().unwrap() {
            let name = tool["name"].as_str().unwrap();
            assert!(
                calls().iter().any(|(called, _)| *called == name),
                "no case for {name}"
            );
        }
        let mut answers = Vec::new();
        for (tool, arguments) in calls() {
            // As if they were Ana's, in Bo's name, and in Bo's name where Ana has something of that number.
            let mut in_bos_name = arguments.clone();
            in_bos_name["user_id"] = json!(bo.id.as_str());
            let said = agent.refused(tool, in_bos_name).await;
            assert!(
                said.starts_with("forbidden: ") && !said.contains(bo.id.as_str()),
                "{said}"
            );
            answers.push(agent.called(tool, arguments).await.to_string());
        }
        let of_nobody = json!({ "user_id": "nobody-at-all", "task_id": 1 });
        let of_bo = json!({ "user_id": bo.id.as_str(), "task_id": 1 });
        assert_eq!(
            agent.refused("get_task", of_nobody).await,
            agent.refused("get_task", of_bo).await
        );
        for (prompt, arguments) in [
            ("plan_my_day", json!({})),
            ("weekly_review", json!({})),
            ("break_down_task", json!({ "task_id": "1" })),
            ("capture", json!({ "text": "x" })),
            ("triage_overdue", json!({})),
        ] {
            let got = agent
                .ask(
                    "prompts/get",
                    json!({ "name": prompt, "arguments": arguments }),
                )
                .await;
            answers.push(got.to_string());
        }
        for uri in [
            "todo://overview/today",
            "todo://tasks/1",
            "todo://tasks/2",
            "todo://tasks/3",
            "todo://projects/1",
        ] {
            answers.push(
                agent
                    .ask("resources/read", json!({ "uri": uri }))
                    .await
                    .to_string(),
            );
        }
        for (reference, argument) in [
            (
                json!({ "type": "ref/prompt", "name": "break_down_task" }),
                "task_id",
            ),
            (
                json!({ "type": "ref/resource", "uri": "todo://projects/{project_id}" }),
                "project_id",
            ),
        ] {
            let asked =
                json!({ "ref": reference, "argument": { "name": argument, "value": "secret" } });
            answers.push(agent.ask("completion/complete", asked).await.to_string());
        }
        for answer in answers {
            assert!(!answer.contains("Bo's"), "{answer}");
        }
        assert_eq!(all_of(&bo).await, before);
    }
}

#[tokio::test]
async fn a_token_that_may_only_read_changes_nothing() {
    let harness = Harness::searching(Database::Sqlite).await;
    let bo = bo(&harness).await;
    let agent = Agent::new(&harness, &bo, "Claude", Access::Read).await;
    let before = all_of(&bo).await;
    let tools = agent.result("tools/list", json!({})).await;
    for (tool, arguments) in calls() {
        let definition = tools["tools"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["name"] == tool)
            .unwrap();
        let params = json!({ "name": tool, "arguments": arguments });
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let answer = agent.post(&message, &[]).await;
        if definition["annotations"]["readOnlyHint"] == true {
            assert_eq!(answer.status, 200, "{tool}");
            continue;
        }
        assert_eq!(answer.status, 403, "{tool}: {answer:?}");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.contains("error=\"insufficient_scope\"")
                && challenge.contains("scope=\"tasks:read tasks:write\""),
            "{challenge}"
        );
    }
    assert_eq!(all_of(&bo).await, before);
}

/// A message is read twice, first for what it asks for; however differently it could be read, nothing changes.
#[tokio::test]
async fn a_token_that_may_only_read_changes_nothing_however_it_is_said() {
    let harness = Harness::new(Database::Sqlite).await;
    let bo = bo(&harness).await;
    let agent = Agent::new(&harness, &bo, "Claude", Access::Read).await;
    let before = all_of(&bo).await;
    let add = r#"{"name":"add_task","arguments":{"title":"x"}}"#;
    let list = r#"{"name":"list_tasks","arguments":{}}"#;
    let call = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{add}}}"#);
    let both = |first: &str, second: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{first},"params":{second}}}"#
        )
    };
    for body in [
        call.replace(r#""method""#, r#""method":"tools/list","method""#),
        call.replace(r#""tools/call""#, r#""tools/call","method":"tools/list""#),
        call.replace(r#""name""#, r#""name":"list_tasks","name""#),
        call.replace(r#""add_task""#, r#""add_task","name":"list_tasks""#),
        both(add, list),
        both(list, add),
        call.replace("method", r"m\u0065thod"),
        call.replace("add_task", r"add\u005ftask"),
        call.replace("add_task", " add_task"),
        call.replace(r#""id":1,"#, ""),
        format!("[{call}]"),
        format!("\u{feff}{call}"),
        format!(" {call} "),
        format!("{call}{call}"),
        call.clone(),
    ] {
        let request = axum::http::Request::post("/mcp")
            .header("authorization", format!("Bearer {}", agent.token))
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("host", "todo.test");
        let answer = harness
            .send(request.body(body.clone().into()).unwrap())
            .await;
        assert!(answer.status < 500, "{body}: {answer:?}");
        assert_eq!(all_of(&bo).await, before, "{body}");
    }
}

#[tokio::test]
async fn what_is_short_of_everything_goes_through_mcp_alone() {
    let harness = Harness::new(Database::Sqlite).await;
    let bo = bo(&harness).await;
    for (access, detail) in [
        (
            Access::Read,
            "403 forbidden: this token may only read; make one that may write",
        ),
        (
            Access::Propose,
            "403 forbidden: this token may only read here; what it may change goes through MCP",
        ),
        (
            Access::Undoable,
            "403 forbidden: this token may only read here; what it may change goes through MCP",
        ),
    ] {
        let agent = Agent::new(&harness, &bo, "Claude", access).await;
        let mut client = harness.client(bo.id.clone()).await;
        client.token = agent.token;
        assert_eq!(client.get("/tasks").await.status, 200);
        let before = all_of(&bo).await;
        for (path, body) in [
            ("/tasks", json!({ "title": "x" })),
            ("/chat", json!({ "message": "delete everything" })),
            ("/tokens", json!({ "name": "more", "scope": "write" })),
        ] {
            assert_eq!(client.post(path, body).await.problem(), detail);
        }
        assert_eq!(all_of(&bo).await, before);
    }
}

#[tokio::test]
async fn a_token_that_may_only_propose_leaves_everything_to_its_owner() {
    for database in BOTH {
        let harness = Harness::searching(database).await;
        let bo = bo(&harness).await;
        let agent = Agent::new(&harness, &bo, "Claude", Access::Propose).await;
        let tasks = bo.get("/tasks?status=all").await.text;
        let journal = bo.get("/journal?limit=1").await.text;
        let mut waiting = 0;
        for (tool, mut arguments) in calls() {
            if tool == "undo_change" {
                arguments = json!({ "change_id": 2 });
            }
            let result = agent.called(tool, arguments.clone()).await;
            let content = &result["structuredContent"];
            if content["status"] == "waiting_for_approval" {
                assert!(
                    content["proposal_id"].is_i64() && content["change_id"].is_null(),
                    "{content}"
                );
                let words = result["content"][0]["text"].as_str().unwrap();
                assert!(words.starts_with("Nothing has changed yet: "), "{words}");
                waiting += 1;
                // The same again while it waits is the same.
                let again = agent.call(tool, arguments).await;
                assert_eq!(again["proposal_id"], content["proposal_id"]);
            }
        }
        assert!(waiting >= 10, "{waiting}");
        assert_eq!(bo.get("/tasks?status=all").await.text, tasks);
        assert_eq!(bo.get("/journal?limit=1").await.text, journal);
        let proposals = bo.get("/proposals").await.json();
        let proposals = proposals
            .as_array()
            .or(proposals["proposals"].as_array())
            .unwrap();
        assert_eq!(proposals.len(), waiting);
        // What the owner accepts is done as the agent's, and undone like anything else.
        let completion = proposals
            .iter()
            .find(|it| it["text"].as_str().unwrap().starts_with("Mark 1 task"))
            .unwrap();
        let accept = format!("/proposals/{}/accept", completion["id"]);
        let accepted = bo.post(&accept, json!({})).await;
        assert_eq!(accepted.status, 200, "{accepted:?}");
        let history = bo.get("/journal?limit=1").await.json();
        assert_eq!(history["changes"][0]["actor"], "agent:Claude");
        assert_eq!(history["changes"][0]["door"], "mcp");
        bo.post("/journal/undo", json!({})).await;
        assert_eq!(
            bo.get("/tasks?status=all").await.json(),
            with_versions_of(&bo, &tasks).await
        );
    }
}

/// The tasks as they were, with what a change and its undoing leave behind: another version and time.
async fn with_versions_of(owner: &Client, tasks: &str) -> Value {
    let now = owner.get("/tasks?status=all").await.json();
    let mut before: Value = serde_json::from_str(tasks).unwrap();
    for (before, now) in before
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .zip(now.as_array().unwrap())
    {
        for field in ["version", "updated_at"] {
            before[field] = now[field].clone();
        }
    }
    before
}

#[tokio::test]
async fn a_token_that_may_change_what_can_be_undone_leaves_the_rest_to_its_owner() {
    let harness = Harness::new(Database::Sqlite).await;
    let bo = bo(&harness).await;
    let agent = Agent::new(&harness, &bo, "Claude", Access::Undoable).await;
    assert_eq!(
        agent.call("delete_tasks", json!({ "filter": "all" })).await["status"],
        "deleted"
    );
    assert_eq!(
        agent.call("undo_change", json!({})).await["status"],
        "undone"
    );
    let emptied = agent.call("empty_trash", json!({})).await;
    assert_eq!(emptied["status"], "waiting_for_approval");
    assert_eq!(
        bo.get("/tasks?filter=trash")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_waits_for_the_owner_is_not_reached_by_taking_its_opposite_back() {
    let harness = Harness::new(Database::Sqlite).await;
    let bo = bo(&harness).await;
    let agent = Agent::new(&harness, &bo, "Claude", Access::Undoable).await;
    let last_change =
        async || bo.get("/journal?limit=1").await.json()["changes"][0]["change_id"].clone();
    let wish = async || {
        let last = json!({ "change_id": last_change().await });
        agent.call("undo_change", last).await["status"].clone()
    };
    // Who is told of the tasks.
    bo.patch("/settings", json!({ "model_mode": "first" }))
        .await;
    bo.patch("/settings", json!({ "model_mode": "rules" }))
        .await;
    assert_eq!(wish().await, "waiting_for_approval");
    assert_eq!(bo.get("/settings").await.json()["model_mode"], "rules");
    // What is in the trash, after its owner has brought it back there.
    let empty = json!({ "name": "empty_trash", "arguments": {} });
    let emptied = bo.post("/commands", empty).await;
    assert_eq!(emptied.status, 200, "{emptied:?}");
    bo.post("/journal/undo", json!({})).await;
    assert_eq!(wish().await, "waiting_for_approval");
    let trash = bo.get("/tasks?filter=trash").await.json();
    assert_eq!(trash.as_array().unwrap().len(), 1);
    // Anything else of its owner's can be taken back, and made again.
    bo.patch("/tasks/1", json!({ "title": "Changed" })).await;
    assert_eq!(wish().await, "undone");
    assert_eq!(wish().await, "undone");
}

#[tokio::test]
async fn a_token_that_is_taken_back_counts_no_more() {
    let harness = Harness::new(Database::Sqlite).await;
    let bo = bo(&harness).await;
    let agent = Agent::new(&harness, &bo, "Claude", Access::Write).await;
    let tokens = harness.accounts.tokens(&bo.id).await.unwrap();
    let token = tokens.iter().find(|token| token.name == "Claude").unwrap();
    let from = accounts::Client::default();
    harness
        .accounts
        .revoke_token(&bo.id, &token.id, &from)
        .await
        .unwrap();
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    assert_eq!(agent.post(&list, &[]).await.status, 401);
}
