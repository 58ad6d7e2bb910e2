//! Servers that keep to the format more or less.

use std::time::Duration;

use agent::{Arguments, FailureKind, Finish, Message, Models, Request};
use scripted_model::{Call, Ids, Index, Reply, Shape};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::harness::{Asked, LONG, ask, ask_for, calls, model, models, once, provider, quick};
use crate::harness::{request, told};

fn two() -> [Call; 2] {
    [
        Call::new("add_task", json!({ "title": "Brötchen 🥖" })),
        Call::new("add_task", json!({ "title": "milk" })),
    ]
}

/// That both calls are there, with ids that differ.
fn assert_two(asked: Asked) {
    let answer = asked.answer();
    let titles = calls(&answer)
        .into_iter()
        .map(|(_, arguments)| arguments["title"].clone());
    assert_eq!(titles.collect::<Vec<_>>(), ["Brötchen 🥖", "milk"]);
    assert_ne!(answer.calls[0].id, answer.calls[1].id);
    assert!(answer.calls.iter().all(|call| !call.id.is_empty()));
}

#[tokio::test]
async fn calls_in_every_dialect() {
    for ids in [
        Ids::Normal,
        Ids::Everywhere,
        Ids::Empty,
        Ids::Missing,
        Ids::Same,
    ] {
        for index in [Index::Normal, Index::Missing, Index::Zero] {
            let reply = Reply::calls(two()).with_ids(ids).with_index(index);
            assert_two(told(reply.clone()).await);
            assert_two(told(reply.clone().split_arguments(1)).await);
            assert_two(told(reply.clone().with_arguments(Shape::Object)).await);
            assert_two(told(reply.whole()).await);
        }
    }
}

#[tokio::test]
async fn text_and_calls_at_once() {
    let reply = Reply::text_and_calls("One moment.", two()).with_finish("stop");
    let asked = told(reply).await;
    assert_eq!(asked.text, "One moment.");
    assert_two(asked);
}

#[tokio::test]
async fn broken_arguments_stay_text() {
    let answer = told(Reply::raw_call("add_task", "{\"title\": \"mi"))
        .await
        .answer();
    assert_eq!(
        answer.calls[0].arguments,
        Arguments::Unreadable("{\"title\": \"mi".to_owned())
    );
}

#[tokio::test]
async fn a_body_that_is_not_streamed() {
    let asked = told(Reply::text("Yes.").whole()).await;
    assert_eq!(asked.text, "Yes.");
    let answer = asked.answer();
    assert_eq!(answer.usage.input_tokens, 10);
    assert_eq!(answer.finish, Finish::Complete);
}

#[tokio::test]
async fn reasons_for_the_end() {
    let finish = async |reason: &str| {
        told(Reply::text("Yes.").with_finish(reason))
            .await
            .answer()
            .finish
    };
    assert_eq!(finish("length").await, Finish::Length);
    assert_eq!(finish("content_filter").await, Finish::Filtered);
    assert_eq!(finish("because").await, Finish::Complete);
}

#[tokio::test]
async fn usage_that_is_not_stated_is_estimated() {
    let answer = told(Reply::text("12345678").without_usage()).await.answer();
    assert!(answer.usage.estimated);
    assert!(answer.usage.input_tokens > 50);
    assert_eq!(answer.usage.output_tokens, 2);
}

#[tokio::test]
async fn a_stream_without_done() {
    let answer = told(Reply::text("Yes.").without_done()).await.answer();
    assert_eq!(answer.text, "Yes.");
    assert!(!answer.usage.estimated);
}

#[tokio::test]
async fn a_stream_that_does_not_end_after_its_last_word() {
    let finished =
        "data: {\"choices\":[{\"delta\":{\"content\":\"Yes.\"},\"finish_reason\":\"stop\"}]}\n\n";
    let done = &format!("{finished}data: [DONE]\n\n");
    for text in [finished, done] {
        let began = Instant::now();
        let stalled = told(Reply::raw([text]).stalls_after(1)).await;
        assert_eq!(stalled.answer().text, "Yes.");
        assert!(began.elapsed() < Duration::from_secs(10));
        let cut = told(Reply::raw([text]).cut_after(1)).await;
        assert_eq!(cut.answer().text, "Yes.");
    }
}

#[tokio::test]
async fn a_stream_in_odd_pieces() {
    let chunks: [&[u8]; 5] = [
        b": ping\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"\xc3",
        b"\xa4\"}}]}\r",
        b"\n\r\n",
        b"data:{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        b"\r\n\r\ndata:[DONE]",
    ];
    assert_eq!(told(Reply::raw(chunks)).await.answer().text, "ä");
}

#[tokio::test]
async fn an_error_under_a_status_of_success() {
    let error = json!({ "error": { "message": "slow down", "code": 429 } });
    for body in [error.clone(), json!([error])] {
        let whole = told(Reply::raw([body.to_string()])).await;
        assert_eq!(whole.kind(), FailureKind::Busy);
        let streamed = told(Reply::text("Yes.").error_after(0, body)).await;
        assert_eq!(streamed.kind(), FailureKind::Busy);
    }
    let plain = told(Reply::text("Yes.").error_after(0, "upstream went away")).await;
    assert_eq!(plain.kind(), FailureKind::CutOff);
}

#[tokio::test]
async fn what_is_no_answer_at_all() {
    for body in [
        "",
        "<html>busy</html>",
        "{\"choices\":[",
        "{}",
        "data: [DONE]\n\n",
    ] {
        let asked = told(Reply::raw([body])).await;
        assert_eq!(asked.kind(), FailureKind::Unintelligible, "{body}");
    }
}

#[tokio::test]
async fn what_gemini_says_beside_a_call_goes_back_to_it_and_to_nobody_else() {
    let signature = json!({ "google": { "thought_signature": "c2lnbmVk" } });
    let call = Call {
        extra: crate::harness::object(json!({ "extra_content": signature })),
        ..Call::new("add_task", json!({ "title": "milk" }))
    };
    let one = model([
        Reply::calls([call]),
        Reply::text("Added."),
        Reply::status(401, ""),
    ])
    .await;
    let two = model([Reply::text("Added.")]).await;
    let models = models([&one, &two], once());
    let answer = ask(&models).await.answer();
    // It has been stored in between.
    let stored = serde_json::to_string(&answer.calls).unwrap();
    let mut request = request();
    request.stay_with = Some(answer.provider);
    request.messages.extend([
        Message::Assistant {
            text: answer.text,
            calls: serde_json::from_str(&stored).unwrap(),
        },
        Message::Result {
            call_id: answer.calls[0].id.clone(),
            name: "add_task".to_owned(),
            content: "added".to_owned(),
        },
    ]);
    let sent = |body: &Value| body["messages"][2]["tool_calls"][0]["extra_content"].clone();
    ask_for(&models, &request, LONG).await.answer();
    assert_eq!(sent(&one.requests()[1]), signature);
    ask_for(&models, &request, LONG).await.answer();
    assert_eq!(sent(&two.requests()[0]), Value::Null);
}

#[tokio::test]
async fn gemini_gets_a_schema_without_null() {
    let model = model([Reply::text("Yes.")]).await;
    let gemini = Models::new(vec![provider("gemini", model.url())], once()).unwrap();
    let mut request = request();
    request.tools[0].parameters = json!({
        "type": "object",
        "properties": { "due": { "type": ["string", "null"] } },
    });
    ask_for(&gemini, &request, LONG).await.answer();
    let parameters = &model.requests()[0]["tools"][0]["function"]["parameters"];
    assert_eq!(parameters["properties"]["due"]["type"], "string");
}

#[tokio::test]
async fn another_name_for_the_most_tokens() {
    let refusal = json!({ "error": {
        "message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    } });
    let model = model([
        Reply::status(400, refusal),
        Reply::text("Yes."),
        Reply::text("Yes."),
    ])
    .await;
    let models = models([&model], once());
    let answer = ask(&models).await.answer();
    assert_eq!(answer.requests, 2);
    ask(&models).await.answer();
    let requests = model.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests[1..] {
        assert_eq!(request["max_completion_tokens"], 2048);
        assert_eq!(request.get("max_tokens"), None);
    }
}

#[tokio::test]
async fn a_field_that_is_refused_is_left_out_from_then_on() {
    let refusal = Reply::status(400, "unknown field: stream_options");
    let model = model([refusal, Reply::text("Yes."), Reply::text("Yes.")]).await;
    let models = models([&model], once());
    ask(&models).await.answer();
    ask(&models).await.answer();
    let sent: Vec<_> = model
        .requests()
        .iter()
        .map(|request| request.get("stream_options").is_some())
        .collect();
    assert_eq!(sent, [true, false, false]);
}

#[tokio::test]
async fn a_call_id_of_an_earlier_round_is_not_used_again() {
    let model = model([
        Reply::call("add_task", json!({})),
        Reply::call("add_task", json!({})),
    ])
    .await;
    let models = models([&model], quick());
    let first = ask(&models).await.answer();
    let id = first.calls[0].id.clone();
    let request = Request {
        messages: vec![Message::Assistant {
            text: String::new(),
            calls: first.calls,
        }],
        ..request()
    };
    let second = ask_for(&models, &request, LONG).await.answer();
    assert_ne!(second.calls[0].id, id);
}
