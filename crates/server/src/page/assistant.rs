//! Talking: the conversation on a page of its own, and what is said in it.

use std::collections::BTreeMap;

use app::{Approved, Kind, Turn};
use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{ConversationId, Door, IdempotencyKey, MessageId, MessageText, TaskId};
use serde::Deserialize;

use super::conversation::{Chat, MessageView};
use super::forms::{Bare, Form};
use super::frame::{Frame, Scene};
use super::{Visitor, html};
use crate::layers::RequestId;
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "assistant.html")]
struct AssistantPage {
    frame: Frame,
    chat: Chat,
}

#[derive(Debug, Default, Deserialize)]
struct AssistantQuery {
    conversation: Option<String>,
    change: Option<i64>,
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri, None).await
}

async fn page(
    server: &Server,
    visitor: &Visitor,
    uri: &Uri,
    problem: Option<String>,
) -> Result<Response, Problem> {
    let query = Query::<AssistantQuery>::try_from_uri(uri)
        .map(|Query(query)| query)
        .unwrap_or_default();
    let scene = Scene::of(server, visitor).await?;
    Ok(html(&AssistantPage {
        frame: scene.frame(&uri.to_string(), query.change, problem).await?,
        chat: Chat::of(&scene, query.conversation.as_deref()).await?,
    }))
}

/// The conversation, with what went wrong on top.
async fn with_problem(
    server: &Server,
    visitor: &Visitor,
    problem: &Problem,
    back: &str,
) -> Result<Response, Problem> {
    let uri = back.parse().unwrap_or_default();
    let page = page(server, visitor, &uri, Some(problem.detail().to_owned())).await?;
    Ok((problem.status(), page).into_response())
}

/// What is typed into the composer.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    #[serde(flatten)]
    bare: Bare,
    text: String,
    key: Option<IdempotencyKey>,
    conversation: Option<ConversationId>,
}

pub(super) async fn say(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(line): Form<Said>,
) -> Result<Response, Problem> {
    line.bare.check(&visitor)?;
    let text: MessageText = match line.text.parse() {
        Ok(text) => text,
        Err(error) => {
            let problem = Problem::invalid(domain::TextError::to_string(&error));
            return with_problem(&server, &visitor, &problem, &line.bare.back).await;
        }
    };
    let turn = Turn {
        conversation: line.conversation,
        text,
        kind: Kind::Words,
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: line.key,
    };
    talk(&server, &visitor, &turn, &line.bare).await
}

/// Says something and goes back to the conversation, or shows the page with what went wrong.
async fn talk(
    server: &Server,
    visitor: &Visitor,
    turn: &Turn,
    bare: &Bare,
) -> Result<Response, Problem> {
    let answer = server.app.turn(&visitor.user, turn).await;
    match answer.map_err(Problem::from) {
        Ok(reply) => {
            let back = bare.back(&format!("conversation={}", reply.conversation));
            Ok(Redirect::to(&format!("{back}#latest")).into_response())
        }
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => with_problem(server, visitor, &problem, &bare.back).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ApprovalForm {
    conversation: ConversationId,
    message: MessageId,
    answer: Answer,
    key: Option<IdempotencyKey>,
    csrf: String,
    #[serde(default)]
    back: String,
    /// How many tasks can be left out; the checked ones are fields named by them.
    #[serde(default)]
    choices: usize,
    #[serde(flatten)]
    checked: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Approve,
    Cancel,
}

/// How much is approved, if so many tasks could be left out and these fields were checked.
pub(super) fn approved(
    answer: &Answer,
    choices: usize,
    checked: &BTreeMap<String, String>,
) -> Approved {
    let checked = checked.keys();
    let checked = checked.filter_map(|name| name.strip_prefix("task_")?.parse().ok());
    let checked: Vec<TaskId> = checked.map(TaskId).collect();
    match answer {
        Answer::Cancel => Approved::Nothing,
        Answer::Approve if checked.len() == choices => Approved::All,
        Answer::Approve if checked.is_empty() => Approved::Nothing,
        Answer::Approve => Approved::Some(checked),
    }
}

pub(super) async fn approve(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<ApprovalForm>,
) -> Result<Response, Problem> {
    let bare = Bare {
        csrf: form.csrf,
        back: form.back,
    };
    bare.check(&visitor)?;
    let approved = approved(&form.answer, form.choices, &form.checked);
    let turn = Turn {
        conversation: Some(form.conversation),
        text: approved
            .words()
            .parse()
            .map_err(|error: domain::TextError| Problem::invalid(error.to_string()))?,
        kind: Kind::Approval {
            proposal: form.message,
            approved,
        },
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: form.key,
    };
    talk(&server, &visitor, &turn, &bare).await
}

#[derive(Debug, Deserialize)]
pub(super) struct StopForm {
    #[serde(flatten)]
    bare: Bare,
    conversation: ConversationId,
}

pub(super) async fn stop(
    visitor: Visitor,
    State(server): State<Server>,
    Form(form): Form<StopForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    server.app.stop(&visitor.user, form.conversation).await?;
    if let Ok(reply) = server
        .app
        .latest_reply(&visitor.user, form.conversation)
        .await
    {
        server.app.finished(&visitor.user, reply).await?;
    }
    let back = format!("conversation={}", form.conversation);
    Ok(Redirect::to(&format!("{}#latest", form.bare.back(&back))).into_response())
}
