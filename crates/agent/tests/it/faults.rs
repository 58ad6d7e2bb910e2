//! Everything that can go wrong with one provider.

use std::time::Duration;

use agent::{FailureKind, Progress, Settings};
use scripted_model::{Gate, Reply};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::harness::{LONG, ask, ask_for, model, models, once, quick, request, told};

const SHORT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn a_server_that_fails_is_asked_again() {
    for status in [408, 409, 429, 500, 502, 503] {
        let model = model([Reply::status(status, "no"), Reply::text("Yes.")]).await;
        let answer = ask(&models([&model], quick())).await.answer();
        assert_eq!((answer.text.as_str(), answer.requests), ("Yes.", 2));
    }
}

#[tokio::test]
async fn twice_at_most() {
    let model = model((0..5).map(|_| Reply::status(500, "no"))).await;
    let asked = ask(&models([&model], quick())).await;
    assert_eq!(asked.kind(), FailureKind::Unreachable);
    assert_eq!(asked.failure().requests, 3);
    assert_eq!(model.count(), 3);
}

#[tokio::test]
async fn what_a_refusal_is() {
    let kind = async |status, body: &str| told(Reply::status(status, body)).await.kind();
    assert_eq!(kind(400, "no").await, FailureKind::Refused);
    assert_eq!(kind(404, "no such model").await, FailureKind::Refused);
    assert_eq!(kind(422, "no").await, FailureKind::Refused);
    assert_eq!(kind(302, "elsewhere").await, FailureKind::Refused);
    assert_eq!(kind(401, "no").await, FailureKind::Unauthorized);
    assert_eq!(kind(403, "no").await, FailureKind::Unauthorized);
    assert_eq!(kind(429, "no").await, FailureKind::Busy);
    assert_eq!(kind(503, "no").await, FailureKind::Busy);
    assert_eq!(kind(413, "no").await, FailureKind::TooLong);
    assert_eq!(
        kind(
            400,
            "maximum context length is 8192 tokens, max_tokens 2048"
        )
        .await,
        FailureKind::TooLong
    );
}

#[tokio::test]
async fn a_refusal_is_final() {
    let model = model([Reply::status(400, "no"), Reply::text("Yes.")]).await;
    ask(&models([&model], quick())).await.failure();
    assert_eq!(model.count(), 1);
}

#[tokio::test]
async fn a_failure_tells_nothing_of_the_key_or_the_conversation() {
    let body = json!({ "error": "bad key key-of-one for add milk" });
    let asked = told(Reply::status(401, body)).await;
    let said = format!("{} {:?}", asked.failure(), asked.failure());
    assert!(
        !said.contains("key-of-one") && !said.contains("milk"),
        "{said}"
    );
}

#[tokio::test]
async fn a_short_wait_that_is_asked_for_is_kept() {
    let busy = Reply::status(429, "no").header("retry-after", "0.05");
    let model = model([busy, Reply::text("Yes.")]).await;
    let began = Instant::now();
    ask(&models([&model], quick())).await.answer();
    assert!(began.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn an_empty_answer_is_asked_for_again() {
    let model = model([Reply::text(""), Reply::text(" "), Reply::text("Yes.")]).await;
    let answer = ask(&models([&model], quick())).await.answer();
    assert_eq!((answer.text.as_str(), answer.requests), ("Yes.", 3));
    // Those before have cost something as well.
    assert_eq!(answer.usage.input_tokens, 30);
}

#[tokio::test]
async fn what_breaks_off_before_any_text_is_asked_for_again() {
    let broken = Reply::call("add_task", json!({ "title": "milk" })).split_arguments(2);
    for fault in [broken.clone().cut_after(3), broken.cut_after(0)] {
        let model = model([fault, Reply::text("Yes.")]).await;
        let asked = ask(&models([&model], quick())).await;
        assert_eq!(asked.text, "Yes.");
        assert_eq!(asked.answer().calls, []);
    }
}

#[tokio::test]
async fn what_breaks_off_after_text_is_not() {
    let one = model([Reply::text("Milk is on").cut_after(2), Reply::text("Yes.")]).await;
    let two = model([Reply::text("Yes.")]).await;
    let asked = ask(&models([&one, &two], quick())).await;
    assert_eq!(asked.kind(), FailureKind::CutOff);
    assert_eq!(asked.text, "Milk is ");
    assert_eq!((one.count(), two.count()), (1, 0));
    assert!(asked.failure().usage.output_tokens > 0);
}

#[tokio::test]
async fn a_stream_that_just_ends_has_broken_off() {
    let stop = Reply::text("Milk is on").with_fault(scripted_model::Fault::Stop(2));
    assert_eq!(told(stop).await.kind(), FailureKind::CutOff);
}

#[tokio::test]
async fn an_answer_without_end_has_broken_off() {
    let model = model([Reply::text(&"word ".repeat(100))]).await;
    let settings = Settings {
        answer_bytes_max: 100,
        ..once()
    };
    let asked = ask(&models([&model], settings)).await;
    assert_eq!(asked.kind(), FailureKind::CutOff);
}

#[tokio::test]
async fn nobody_there() {
    let gone = model([]).await;
    let models = models([&gone], quick());
    drop(gone);
    // The port is closed as soon as the server's task has ended.
    tokio::task::yield_now().await;
    let asked = ask(&models).await;
    assert_eq!(asked.kind(), FailureKind::Unreachable);
    assert_eq!(asked.failure().requests, 3);
}

#[tokio::test]
async fn silence_in_the_middle() {
    let model = model([Reply::text("Milk is on").stalls_after(1)]).await;
    let settings = Settings {
        silence_timeout: SHORT,
        ..quick()
    };
    let asked = ask(&models([&model], settings)).await;
    assert_eq!(asked.kind(), FailureKind::TimedOut);
    assert_eq!(asked.text, "Milk ");
    model.wait_for_hang_up().await;
}

#[tokio::test]
async fn no_first_byte() {
    let model = model([Reply::hang(), Reply::text("Yes.").stalls_after(0)]).await;
    let settings = Settings {
        first_byte_timeout: SHORT,
        ..quick()
    };
    let models = models([&model], settings);
    for _ in 0..2 {
        let asked = ask(&models).await;
        assert_eq!(asked.kind(), FailureKind::TimedOut);
        assert_eq!(asked.failure().requests, 1);
    }
}

#[tokio::test]
async fn the_deadline_ends_everything() {
    let slow = Reply::text("Milk is on your list.").piece_ms(30);
    let hung = Reply::hang();
    let busy = Reply::status(429, "no").header("retry-after", "0.15");
    for reply in [slow, hung, busy] {
        let one = model([reply]).await;
        let models = models([&one], quick());
        let began = Instant::now();
        let asked = ask_for(&models, &request(), SHORT).await;
        asked.failure();
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    let never = model([]).await;
    let asked = ask_for(&models([&never], quick()), &request(), Duration::ZERO).await;
    assert_eq!(asked.kind(), FailureKind::TimedOut);
    assert_eq!(never.count(), 0);
}

#[tokio::test]
async fn whoever_hangs_up_ends_the_request() {
    let model = model([Reply::hang()]).await;
    let (models, request) = (models([&model], quick()), request());
    tokio::select! {
        _ = models.ask(&request, Instant::now() + LONG, |_| {}) => panic!("there is no answer"),
        () = model.wait_for_requests(1) => {}
    }
    model.wait_for_hang_up().await;
}

#[tokio::test]
async fn whoever_hangs_up_in_the_middle_of_a_text_ends_the_request() {
    let gate = Gate::new();
    let model = model([Reply::text("Milk is on").held_before(2, &gate)]).await;
    let (models, request) = (models([&model], quick()), request());
    let text = Notify::new();
    let on = |progress: Progress<'_>| {
        if progress == Progress::Text("Milk ") {
            text.notify_one();
        }
    };
    tokio::select! {
        _ = models.ask(&request, Instant::now() + LONG, on) => panic!("there is no answer"),
        () = text.notified() => {}
    }
    model.wait_for_hang_up().await;
}

#[tokio::test]
async fn the_connection_is_used_again() {
    let model = model([
        Reply::text("Yes."),
        Reply::text("Yes.").whole(),
        Reply::text("Yes."),
    ])
    .await;
    let models = models([&model], quick());
    for _ in 0..3 {
        ask(&models).await.answer();
    }
    assert_eq!(model.hung_up(), 0);
}
