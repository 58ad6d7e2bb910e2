//! Models to ask, and what came of asking.

use std::time::Duration;

use agent::{
    Answer, Arguments, Failure, FailureKind, Key, Message, Models, Progress, Provider, Request,
    Settings, Tool,
};
use scripted_model::{Model, Reply, Script};
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use url::Url;

/// Longer than any test takes that passes.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// What came of asking, and what was seen on the way.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) result: Result<Answer, Failure>,
    pub(crate) text: String,
    pub(crate) providers: Vec<String>,
}

impl Asked {
    pub(crate) fn answer(self) -> Answer {
        self.result.expect("an answer")
    }

    pub(crate) fn kind(&self) -> FailureKind {
        self.failure().kind
    }

    pub(crate) fn failure(&self) -> &Failure {
        self.result.as_ref().expect_err("a failure")
    }
}

/// Waits that no test notices, and no rest.
pub(crate) fn quick() -> Settings {
    Settings {
        retry_base: Duration::from_millis(1),
        retry_after_max: Duration::from_millis(200),
        rest_after: 100,
        ..Settings::default()
    }
}

/// As quick, but asks nobody twice.
pub(crate) fn once() -> Settings {
    Settings {
        retries: 0,
        ..quick()
    }
}

pub(crate) async fn model(replies: impl IntoIterator<Item = Reply>) -> Model {
    Model::start(Script::replies(replies)).await
}

/// Models called `one`, `two`, … in this order.
pub(crate) fn models<'a>(
    models: impl IntoIterator<Item = &'a Model>,
    settings: Settings,
) -> Models {
    let names = ["one", "two", "three"];
    let providers = names
        .into_iter()
        .zip(models)
        .map(|(name, model)| provider(name, model.url()));
    Models::new(providers.collect(), settings).expect("providers as they should be")
}

pub(crate) fn provider(name: &str, base_url: Url) -> Provider {
    Provider {
        name: name.to_owned(),
        base_url,
        key: Key::new(&format!("key-of-{name}")),
        model: format!("model-of-{name}"),
    }
}

pub(crate) fn request() -> Request {
    Request {
        messages: vec![
            Message::System("You keep a list of tasks.".to_owned()),
            Message::User("add milk".to_owned()),
        ],
        tools: vec![Tool {
            name: "add_task".to_owned(),
            description: "Add a task.".to_owned(),
            parameters: json!({ "type": "object", "properties": { "title": { "type": "string" } } }),
        }],
        stay_with: None,
    }
}

pub(crate) async fn ask(models: &Models) -> Asked {
    ask_for(models, &request(), LONG).await
}

pub(crate) async fn ask_for(models: &Models, request: &Request, limit: Duration) -> Asked {
    let (mut text, mut providers) = (String::new(), Vec::new());
    let on = |progress: Progress<'_>| match progress {
        Progress::Asking { provider, .. } => providers.push(provider.to_owned()),
        Progress::Text(piece) => text.push_str(piece),
    };
    let result = models.ask(request, Instant::now() + limit, on).await;
    Asked {
        result,
        text,
        providers,
    }
}

/// Asks a model that gives one reply, once.
pub(crate) async fn told(reply: Reply) -> Asked {
    let model = model([reply]).await;
    ask(&models([&model], once())).await
}

/// The calls of an answer: ids, names and arguments.
pub(crate) fn calls(answer: &Answer) -> Vec<(String, Value)> {
    let calls = answer.calls.iter();
    calls
        .map(|call| {
            let arguments = match &call.arguments {
                Arguments::Read(arguments) => arguments.clone().into(),
                Arguments::Unreadable(text) => text.clone().into(),
            };
            (call.name.clone(), arguments)
        })
        .collect()
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("no object"),
    }
}
