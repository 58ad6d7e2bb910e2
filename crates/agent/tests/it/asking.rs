//! The plain case: what is sent, and what comes back.

use agent::{Arguments, Call, Finish, Message, Models, Request, Settings};
use scripted_model::Reply;
use serde_json::json;

use crate::harness::{LONG, quick};
use crate::harness::{ask, ask_for, calls, model, models, object, once, provider, request, told};

#[tokio::test]
async fn text_comes_piece_by_piece_and_whole() {
    let asked = told(Reply::text("Milk is on your list.")).await;
    assert_eq!(asked.text, "Milk is on your list.");
    let answer = asked.answer();
    assert_eq!(answer.text, "Milk is on your list.");
    assert_eq!(answer.finish, Finish::Complete);
    assert_eq!(
        (answer.usage.input_tokens, answer.usage.output_tokens),
        (10, 5)
    );
    assert!(!answer.usage.estimated);
    assert_eq!(
        (answer.provider.as_str(), answer.model.as_str()),
        ("one", "model-of-one")
    );
    assert_eq!(answer.requests, 1);
}

#[tokio::test]
async fn a_call_comes_with_its_arguments() {
    let asked = told(Reply::call("add_task", json!({ "title": "milk" }))).await;
    let answer = asked.answer();
    assert_eq!(
        calls(&answer),
        [("add_task".to_owned(), json!({ "title": "milk" }))]
    );
    assert_eq!(answer.calls[0].id, "call_0");
}

#[tokio::test]
async fn what_is_sent() {
    let model = model([Reply::text("Yes.")]).await;
    let request = Request {
        messages: vec![
            Message::System("s".to_owned()),
            Message::User("u".to_owned()),
            Message::Assistant {
                text: String::new(),
                calls: vec![Call::new("c1", "add_task", object(json!({ "title": "é" })))],
            },
            Message::Result {
                call_id: "c1".to_owned(),
                name: "add_task".to_owned(),
                content: "added".to_owned(),
            },
        ],
        ..request()
    };
    let models = models([&model], once());
    ask_for(&models, &request, LONG).await.answer();
    let body = &model.requests()[0];
    assert_eq!(
        body,
        &json!({
            "model": "model-of-one",
            "stream": true,
            "stream_options": { "include_usage": true },
            "max_tokens": 2048,
            "messages": [
                { "role": "system", "content": "s" },
                { "role": "user", "content": "u" },
                {
                    "role": "assistant",
                    "content": null,
                    "tool_calls": [{
                        "id": "c1",
                        "type": "function",
                        "function": { "name": "add_task", "arguments": "{\"title\":\"é\"}" },
                    }],
                },
                { "role": "tool", "tool_call_id": "c1", "name": "add_task", "content": "added" },
            ],
            "tools": [{
                "type": "function",
                "function": {
                    "name": "add_task",
                    "description": "Add a task.",
                    "parameters": { "type": "object", "properties": { "title": { "type": "string" } } },
                },
            }],
        })
    );
    assert_eq!(
        model.authorizations(),
        [Some("Bearer key-of-one".to_owned())]
    );
}

#[tokio::test]
async fn without_a_key_nothing_is_shown() {
    let model = model([Reply::text("Yes.")]).await;
    let provider = agent::Provider {
        key: None,
        ..provider("one", model.url())
    };
    let models = Models::new(vec![provider], quick()).unwrap();
    let plain = Request {
        tools: Vec::new(),
        ..request()
    };
    ask_for(&models, &plain, LONG).await.answer();
    assert_eq!(model.authorizations(), [None]);
    assert_eq!(model.requests()[0].get("tools"), None);
}

#[tokio::test]
async fn broken_arguments_are_not_sent_back() {
    let model = model([Reply::text("Yes.")]).await;
    let call = Call {
        arguments: Arguments::Unreadable("{\"title\":".to_owned()),
        ..Call::new("c1", "add_task", object(json!({})))
    };
    let mut request = request();
    request.messages.push(Message::Assistant {
        text: "Well.".to_owned(),
        calls: vec![call],
    });
    ask_for(&models([&model], once()), &request, LONG)
        .await
        .answer();
    let sent = &model.requests()[0]["messages"][2];
    assert_eq!(sent["tool_calls"][0]["function"]["arguments"], "{}");
    assert_eq!(sent["content"], "Well.");
}

#[tokio::test]
async fn providers_have_to_be_right() {
    let of = |name: &str, url: &str| provider(name, url::Url::parse(url).unwrap());
    let error = |providers| {
        Models::new(providers, Settings::default())
            .unwrap_err()
            .to_string()
    };
    let good = of("a", "http://a.example");
    assert!(error(vec![good.clone(), good.clone()]).contains("two model providers"));
    assert!(error(vec![of("a", "ftp://a.example")]).contains("http://"));
    let key = agent::Provider {
        key: agent::Key::new("se\ncret"),
        ..good.clone()
    };
    assert!(!error(vec![key]).contains("cret"));
    let models = Models::new(vec![good], Settings::default()).unwrap();
    assert_eq!(models.first().map(|first| first.name.as_str()), Some("a"));
    assert!(!format!("{models:?}").contains("key-of"));
}

#[tokio::test]
async fn without_a_provider_there_is_no_answer() {
    let models = Models::none();
    assert!(models.is_empty());
    let asked = ask(&models).await;
    assert_eq!(asked.kind(), agent::FailureKind::NoProvider);
    assert_eq!(asked.failure().requests, 0);
}
