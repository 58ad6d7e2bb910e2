//! Talking: the conversation on a page of its own, and what is said in it.

use std::collections::BTreeMap;

use app::{Approved, Kind, Place, Reply, Turn};
use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    Command, ConversationId, Door, IdempotencyKey, MessageId, MessageText, ModelMode, TaskId,
    Title, UpdateSettings,
};
use serde::Deserialize;

use super::conversation::{Body, Chat, Drawing, MessageView, Wanted};
use super::encoded;
use super::forms::{Bare, Form, origin, run};
use super::frame::{Frame, Scene};
use super::{Visitor, html};
use crate::api::stream::{self, Shape};
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
    /// Show what was said before this message.
    before: Option<i64>,
    /// What stands in the composer.
    text: Option<String>,
    /// The message to say anew.
    edit: Option<i64>,
    /// The numbers of the tasks that the next message is about, with commas.
    about: Option<String>,
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
    let wanted = Wanted {
        conversation: query.conversation.as_deref(),
        before: query.before.map(MessageId),
        typed: query.text.unwrap_or_default(),
        edited: query.edit.map(MessageId),
        about: numbers(query.about.as_deref()),
    };
    let chat = Chat::of(&scene, wanted).await?;
    // Its forms come back to this conversation, whichever is the latest by then.
    let back = match chat.conversation {
        Some(conversation) => format!("/assistant?conversation={conversation}"),
        None => uri.path().to_owned(),
    };
    Ok(html(&AssistantPage {
        frame: scene.frame(&back, query.change, problem).await?,
        chat,
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
pub(super) struct SaidForm {
    #[serde(flatten)]
    bare: Bare,
    text: String,
    key: Option<IdempotencyKey>,
    /// Its number; empty for a new one.
    #[serde(default)]
    conversation: String,
    /// The message it is said in the place of.
    edit: Option<MessageId>,
    /// Whether what that one did is taken back first: `true` or `false`.
    undo: Option<String>,
    /// The numbers of the tasks it is about, with commas.
    about: Option<String>,
}

/// Tasks, by their numbers with commas between them.
fn numbers(said: Option<&str>) -> Vec<TaskId> {
    let numbers = said.unwrap_or_default().split(',');
    numbers
        .filter_map(|number| number.trim().parse().ok())
        .map(TaskId)
        .collect()
}

impl SaidForm {
    /// What the message is besides words.
    fn kind(&self) -> Kind {
        let about = numbers(self.about.as_deref());
        match self.edit {
            Some(message) => Kind::Edit {
                message,
                undo: self.undo.as_deref().map(|undo| undo == "true"),
            },
            None if about.is_empty() => Kind::Words,
            None => Kind::About(about),
        }
    }
}

pub(super) async fn say(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Form(line): Form<SaidForm>,
) -> Result<Response, Problem> {
    line.bare.check(&visitor)?;
    let text: MessageText = match line.text.parse() {
        Ok(text) => text,
        Err(error) => {
            let problem = Problem::invalid(domain::TextError::to_string(&error));
            return refused(&server, &visitor, &headers, problem, &line.bare).await;
        }
    };
    let conversation = match line.conversation.as_str() {
        "" => None,
        number => Some(number.parse().map(ConversationId).map_err(|_| {
            Problem::invalid("conversation is a number; leave it empty to begin a new one")
        })?),
    };
    let turn = Turn {
        conversation,
        text,
        kind: line.kind(),
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: line.key,
    };
    talk(&server, visitor, &headers, &turn, &line.bare).await
}

/// Says something. A page that is there reads the reply as it is written; any other goes back to the conversation once it is
/// complete, or is shown with what went wrong.
async fn talk(
    server: &Server,
    visitor: Visitor,
    headers: &HeaderMap,
    turn: &Turn,
    bare: &Bare,
) -> Result<Response, Problem> {
    let app = &server.app;
    if stream::is_wanted(headers) {
        // Who comes back with the same key and the id of an event goes on from there.
        let read = stream::last_event_id(headers)?;
        let reply = app.begin(&visitor.user, turn).await?;
        let read = read.filter(|read| read.reply == reply.message);
        return Ok(streamed(server, visitor, reply, read));
    }
    match app.turn(&visitor.user, turn).await.map_err(Problem::from) {
        Ok(reply) => {
            let back = format!("/assistant?conversation={}#latest", reply.conversation);
            Ok(Redirect::to(&back).into_response())
        }
        Err(problem) => refused(server, &visitor, headers, problem, bare).await,
    }
}

fn streamed(
    server: &Server,
    visitor: Visitor,
    reply: Reply,
    read: Option<stream::Position>,
) -> Response {
    let user = visitor.user.clone();
    let shape = Shape::Html(Box::new(Drawing::new(visitor)));
    stream::of(server, &user, reply, read, shape)
}

/// Says what went wrong, on the page it was on if that is to be shown anew.
async fn refused(
    server: &Server,
    visitor: &Visitor,
    headers: &HeaderMap,
    problem: Problem,
    bare: &Bare,
) -> Result<Response, Problem> {
    if problem.status().is_server_error() || stream::is_wanted(headers) {
        return Err(problem);
    }
    with_problem(server, visitor, &problem, &bare.back).await
}

#[derive(Debug, Deserialize)]
pub(super) struct EventsQuery {
    conversation: ConversationId,
    /// The last message that is known; nothing comes if there is none after it.
    known: Option<MessageId>,
}

/// The latest reply, or the one that was read before, as events.
pub(super) async fn events(
    visitor: Visitor,
    State(server): State<Server>,
    headers: HeaderMap,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Problem> {
    let (app, user) = (&server.app, &visitor.user);
    let conversation = query.conversation;
    let read = stream::last_event_id(&headers)?;
    let reply = match read {
        Some(read) => {
            let place = Place {
                conversation,
                reply: read.reply,
            };
            app.reply(user, place).await?
        }
        None => app.latest_reply(user, conversation).await?,
    };
    if query.known.is_some_and(|known| known >= reply.message) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(streamed(&server, visitor, reply, read))
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
    headers: HeaderMap,
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
    talk(&server, visitor, &headers, &turn, &bare).await
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
    headers: HeaderMap,
    Form(form): Form<StopForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    server.app.stop(&visitor.user, form.conversation).await?;
    if stream::is_wanted(&headers) {
        // Whoever reads the reply sees it end.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if let Ok(reply) = server
        .app
        .latest_reply(&visitor.user, form.conversation)
        .await
    {
        server.app.finished(&visitor.user, reply).await?;
    }
    let back = format!("/assistant?conversation={}#latest", form.conversation);
    Ok(Redirect::to(&back).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct ModelForm {
    #[serde(flatten)]
    bare: Bare,
    mode: ModelMode,
}

/// Says when a model is asked.
pub(super) async fn choose_model(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<ModelForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let command = Command::UpdateSettings(UpdateSettings {
        model_mode: Some(form.mode),
        ..UpdateSettings::default()
    });
    let origin = origin(&request_id, None);
    run(&server, &visitor, Ok(command), origin, &form.bare).await
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    query: String,
    conversations: Vec<ConversationView>,
    next: Option<String>,
}

/// A conversation in the list of them.
struct ConversationView {
    id: ConversationId,
    title: String,
    when: String,
    changes: i64,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct HistoryQuery {
    query: Option<String>,
    before: Option<ConversationId>,
    change: Option<i64>,
}

/// What was talked about before.
pub(super) async fn history(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    /// Conversations on a page.
    const SHOWN: u32 = 30;
    let (app, user) = (&server.app, &visitor.user);
    let scene = Scene::of(&server, &visitor).await?;
    let words = query.query.as_deref().map(str::trim).unwrap_or_default();
    let found = if words.is_empty() {
        app.conversations(user, query.before, SHOWN).await?
    } else {
        app.search_conversations(user, words, query.before, SHOWN)
            .await?
    };
    let changes = match (found.last(), found.first()) {
        (Some(oldest), Some(newest)) => app.changes_in(user, oldest.id..=newest.id).await?,
        _ => BTreeMap::new(),
    };
    let next = found.last().filter(|_| found.len() == SHOWN as usize);
    Ok(html(&HistoryPage {
        frame: scene.frame(&uri.to_string(), query.change, None).await?,
        query: words.to_owned(),
        next: next.map(|last| {
            let words = encoded(words);
            format!("/assistant/history?query={words}&before={}", last.id)
        }),
        conversations: found
            .into_iter()
            .map(|conversation| ConversationView {
                id: conversation.id,
                when: scene.time(conversation.updated_at),
                changes: changes.get(&conversation.id).copied().unwrap_or_default(),
                title: conversation.title,
            })
            .collect(),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct RenameForm {
    #[serde(flatten)]
    bare: Bare,
    conversation: ConversationId,
    title: String,
}

pub(super) async fn rename(
    visitor: Visitor,
    State(server): State<Server>,
    Form(form): Form<RenameForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let title: Title = form
        .title
        .parse()
        .map_err(|error: domain::TextError| Problem::invalid(error.to_string()))?;
    server
        .app
        .rename_conversation(&visitor.user, form.conversation, &title)
        .await?;
    Ok(Redirect::to(&form.bare.back("")).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteForm {
    #[serde(flatten)]
    bare: Bare,
    conversation: ConversationId,
}

/// Deletes a conversation. What was changed in it stays changed.
pub(super) async fn delete(
    visitor: Visitor,
    State(server): State<Server>,
    Form(form): Form<DeleteForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    server
        .app
        .delete_conversation(&visitor.user, form.conversation)
        .await?;
    Ok(Redirect::to(&form.bare.back("")).into_response())
}
