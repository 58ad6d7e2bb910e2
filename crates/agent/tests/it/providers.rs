//! Who is asked, in which order, and who is left alone.

use std::time::Duration;

use agent::{FailureKind, Request, Settings};
use scripted_model::{Gate, Reply};
use tokio::time::Instant;

use crate::harness::{LONG, ask, ask_for, model, models, once, quick, request};

/// Lets the rest of whoever rests be over.
async fn rest() {
    tokio::time::pause();
    tokio::time::advance(Settings::default().rest).await;
    tokio::time::resume();
}

#[tokio::test]
async fn the_next_is_asked_when_the_first_fails() {
    let refused = || Reply::status(401, "no");
    let fails: [(Reply, &[&str]); 6] = [
        (refused(), &["one", "two"]),
        (Reply::status(400, "no"), &["one", "two"]),
        (Reply::status(404, "no"), &["one", "two"]),
        (Reply::status(413, "no"), &["one", "two"]),
        (
            Reply::status(429, "no").header("retry-after", "60"),
            &["one", "two"],
        ),
        // Its script is over after that, which is a 500.
        (Reply::status(500, "no"), &["one", "one", "one", "two"]),
    ];
    for (reply, expected) in fails {
        let (one, two) = (model([reply]).await, model([Reply::text("Yes.")]).await);
        let asked = ask(&models([&one, &two], quick())).await;
        assert_eq!(asked.providers, expected);
        let answer = asked.answer();
        assert_eq!(answer.provider, "two");
        assert_eq!(answer.model, "model-of-two");
        assert_eq!(answer.requests as usize, expected.len());
    }
}

#[tokio::test]
async fn a_conversation_stays_with_who_answered() {
    let (one, two) = (model([]).await, model([Reply::text("Yes.")]).await);
    let request = Request {
        stay_with: Some("two".to_owned()),
        ..request()
    };
    let asked = ask_for(&models([&one, &two], quick()), &request, LONG).await;
    assert_eq!(asked.providers, ["two"]);
}

#[tokio::test]
async fn that_it_is_too_long_is_said_whatever_comes_after() {
    let too_long = Reply::status(400, "context_length_exceeded");
    let (one, two) = (model([too_long]).await, model([]).await);
    let asked = ask(&models([&one, &two], once())).await;
    assert_eq!(asked.kind(), FailureKind::TooLong);
    assert_eq!((one.count(), two.count()), (1, 1));
}

#[tokio::test]
async fn who_wants_a_long_wait_gets_it() {
    let busy = Reply::status(429, "no").header("retry-after", "15");
    let one = model([busy]).await;
    let models = models([&one], quick());
    let began = Instant::now();
    let first = ask(&models).await;
    assert_eq!(first.kind(), FailureKind::Busy);
    assert_eq!(first.failure().retry_after, Some(Duration::from_secs(15)));
    let second = ask(&models).await;
    assert_eq!(second.kind(), FailureKind::Resting);
    assert!(second.failure().retry_after > Some(Duration::from_secs(5)));
    // Nobody has waited for it.
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(one.count(), 1);
}

#[tokio::test]
async fn who_does_not_take_the_key_is_left_alone() {
    let (one, two) = (
        model([Reply::status(401, "no")]).await,
        model([Reply::text("Yes."), Reply::text("Yes.")]).await,
    );
    let models = models([&one, &two], quick());
    assert_eq!(ask(&models).await.providers, ["one", "two"]);
    assert_eq!(ask(&models).await.providers, ["two"]);
}

#[tokio::test]
async fn who_fails_too_often_rests_and_is_tried_once() {
    let gate = Gate::new();
    let one = model([
        Reply::status(500, "no"),
        Reply::status(500, "no"),
        Reply::status(500, "no"),
        Reply::text("Yes.").held_by(&gate),
        Reply::text("Yes."),
    ])
    .await;
    let settings = Settings {
        rest_after: 2,
        ..once()
    };
    let models = models([&one], settings);
    for _ in 0..2 {
        assert_eq!(ask(&models).await.kind(), FailureKind::Unreachable);
    }
    assert_eq!(ask(&models).await.kind(), FailureKind::Resting);
    rest().await;
    // It is not well yet, and one failure is enough now.
    assert_eq!(ask(&models).await.kind(), FailureKind::Unreachable);
    assert_eq!(ask(&models).await.kind(), FailureKind::Resting);
    rest().await;
    let probe = tokio::spawn({
        let models = models.clone();
        async move { ask(&models).await }
    });
    one.wait_for_requests(4).await;
    assert_eq!(ask(&models).await.kind(), FailureKind::Resting);
    gate.open();
    probe.await.unwrap().answer();
    ask(&models).await.answer();
    assert_eq!(one.count(), 5);
}

#[tokio::test]
async fn a_provider_that_begins_to_rest_is_not_asked_again_in_the_same_breath() {
    let one = model([]).await;
    let settings = Settings {
        rest_after: 2,
        ..quick()
    };
    let asked = ask(&models([&one], settings)).await;
    assert_eq!(asked.kind(), FailureKind::Unreachable);
    assert_eq!(asked.failure().requests, 2);
}

#[tokio::test]
async fn who_hangs_up_says_nothing_about_the_provider() {
    let one = model([Reply::hang(), Reply::hang(), Reply::text("Yes.")]).await;
    let settings = Settings {
        rest_after: 1,
        ..once()
    };
    let models = models([&one], settings);
    for requests in 1..=2 {
        let asking = models.clone();
        let task = tokio::spawn(async move { ask(&asking).await });
        one.wait_for_requests(requests).await;
        task.abort();
    }
    ask(&models).await.answer();
}
