//! Who may do what: no token, a bad token, another user's path.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::harness::{BOTH, Database, Harness};

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
            .replace("{id}", "1");
        for method in methods.as_object().unwrap().keys() {
            routes.push((method.to_uppercase(), path.clone()));
        }
    }
    assert!(routes.len() > 25, "{routes:?}");
    routes
}

async fn status(harness: &Harness, method: &str, path: &str, token: Option<&str>) -> u16 {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    harness
        .send(request.body(Body::from("{}")).unwrap())
        .await
        .status
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
            for bad in [
                "Bearer nonsense",
                "Bearer ",
                "Basic YTpi",
                "nonsense",
                "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.",
            ] {
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
