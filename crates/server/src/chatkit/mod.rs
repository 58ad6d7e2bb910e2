//! ChatKit's protocol, so that its front end, or any other that speaks it, is one to our assistant: `POST /chatkit`.
//!
//! Threads are conversations; items are the messages of the person and the blocks of the replies. Every operation is a POST to
//! the one address, and its `type` decides whether the answer is JSON or a stream. Clients go by the official Python package,
//! of which no other specification exists; `tests/chatkit` holds us against it.

mod markdown;
mod names;
mod request;
mod shape;
mod transcript;
mod turn;
mod widget;

use std::time::Duration;

use app::{Approved, Block, Kind, Reply, Turn};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::{
    Command, CompleteTask, ConversationId, DeleteTask, Door, MessageText, Origin, Outcome, Refusal,
    ReopenTask, TaskId, UndoChange,
};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::timeout;

use self::names::Names;
use self::request::{Act, Input, Judge, Order, Request, not_offered};
use self::shape::{Empty, Event, Item, Page, Thread, What};
use self::transcript::{Transcript, found, thread};
use self::turn::{Answer, at_once, refused};
use self::widget::Action;
use crate::auth::CurrentUser;
use crate::body::{Body, from_value, idempotency_key};
use crate::layers::RequestId;
use crate::{Problem, Server};

/// How long a message waits for the reply before it to end.
const PATIENCE: Duration = Duration::from_secs(1);
/// Threads on one page.
const THREADS_MAX: u32 = 1000;
/// Items on one page.
const ITEMS_MAX: u32 = 200;

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/chatkit", post(run))
        .layer(map_response(with_message))
}

/// Errors with the field that ChatKit shows of them.
async fn with_message(mut response: Response) -> Response {
    if let Some(problem) = response.extensions_mut().get_mut::<Problem>() {
        *problem = problem.clone().with_message();
    }
    response
}

async fn run(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(request): Body<Request>,
) -> Result<Response, Problem> {
    let caller = Caller {
        names: Names::of(user.id()),
        request_id: request_id.as_str().to_owned(),
        headers,
        server,
        user,
    };
    match request {
        Request::Begin(begin) => caller.begin(&begin.input).await,
        Request::Say(say) => caller.say(&say.thread_id, &say.input).await,
        Request::Retry(of) => caller.retry(&of.thread_id, &of.item_id).await,
        Request::Act(act) => caller.act(act).await,
        Request::ActAtOnce(act) => caller.act_at_once(act).await.map(json),
        Request::Show(of) => {
            let thread = caller.transcript(&of.thread_id)?;
            thread.opened().await.map(json)
        }
        Request::List(paging) => caller.threads(&paging).await.map(json),
        Request::Rename(rename) => {
            let thread = caller.transcript(&rename.thread_id)?;
            let (app, id) = (&caller.server.app, thread.conversation);
            let renamed = app.rename_conversation(caller.user.id(), id, &rename.title);
            renamed.await.map_err(found)?;
            thread.thread().await.map(json)
        }
        Request::Delete(of) => {
            let id = caller.names.conversation(&of.thread_id)?;
            let deleted = caller.server.app.delete_conversation(caller.user.id(), id);
            deleted.await.map_err(found)?;
            Ok(json(Empty {}))
        }
        Request::Items(of) => {
            let thread = caller.transcript(&of.thread_id)?;
            let (order, limit) = (
                of.paging.order.unwrap_or_default(),
                of.paging.limit(ITEMS_MAX)?,
            );
            let after = of.paging.after.as_deref();
            let after = after.map(|id| caller.names.spot(thread.conversation, id));
            let page = thread.page(after.transpose()?, order, limit);
            page.await.map(json)
        }
        Request::Judge(judge) => caller.judge(&judge).await.map(json),
        Request::NotOffered(_) => Err(not_offered()),
    }
}

fn json(answer: impl Serialize) -> Response {
    Json(answer).into_response()
}

/// What a widget answers with when it has been acted on and nothing is streamed.
#[derive(Serialize)]
struct Updated {
    updated_item: Item,
}

/// Somebody who asks for something.
struct Caller {
    server: Server,
    user: CurrentUser,
    names: Names,
    request_id: String,
    headers: HeaderMap,
}

/// A widget that somebody has acted on.
struct Acted {
    thread: Transcript,
    reply: Reply,
    /// Which block of it.
    n: usize,
    /// When it was begun.
    at: Timestamp,
    action: Action,
}

impl Caller {
    fn of(&self, conversation: ConversationId) -> Transcript {
        Transcript {
            server: self.server.clone(),
            user: self.user.id().clone(),
            names: self.names.clone(),
            conversation,
        }
    }

    fn transcript(&self, thread_id: &str) -> Result<Transcript, Problem> {
        self.names
            .conversation(thread_id)
            .map(|conversation| self.of(conversation))
    }

    fn turn(
        &self,
        conversation: Option<ConversationId>,
        text: MessageText,
        kind: Kind,
    ) -> Result<Turn, Problem> {
        Ok(Turn {
            conversation,
            text,
            kind,
            door: Door::Chat,
            request_id: self.request_id.clone(),
            idempotency_key: idempotency_key(&self.headers)?,
        })
    }

    /// Takes a turn. What comes before the reply depends on how it was asked for.
    async fn answer(
        &self,
        turn: &Turn,
        opening: impl AsyncFnOnce(&Answer) -> Result<Vec<Event>, Problem>,
    ) -> Result<Response, Problem> {
        let (app, user) = (&self.server.app, self.user.id());
        let mut begun = app.begin(user, turn).await;
        if let (Err(app::Error::StillWriting), Some(conversation)) = (&begun, turn.conversation) {
            // Who has just hung up on a reply may say the next thing before that has ended.
            let ended = async {
                let reply = app.latest_reply(user, conversation).await?;
                app.finished(user, reply).await
            };
            if let Ok(Ok(_)) = timeout(PATIENCE, ended).await {
                begun = app.begin(user, turn).await;
            }
        }
        let reply: Reply = match begun.map_err(found) {
            Ok(reply) => reply,
            Err(problem) => return refused(problem),
        };
        let answer = Answer::new(self.of(reply.conversation), reply).await?;
        let opening = opening(&answer).await?;
        Ok(answer.stream(opening))
    }

    async fn begin(&self, input: &Input) -> Result<Response, Problem> {
        let turn = self.turn(None, input.words()?, Kind::Words)?;
        let opening = async |answer: &Answer| {
            let thread = answer.thread.thread().await?;
            let item = answer.asked();
            Ok(vec![
                Event::ThreadCreated { thread },
                Event::Done { item },
                Event::OPTIONS,
            ])
        };
        self.answer(&turn, opening).await
    }

    async fn say(&self, thread_id: &str, input: &Input) -> Result<Response, Problem> {
        let conversation = self.names.conversation(thread_id)?;
        let turn = self.turn(Some(conversation), input.words()?, Kind::Words)?;
        let opening = async |answer: &Answer| {
            let item = answer.asked();
            Ok(vec![Event::Done { item }, Event::OPTIONS])
        };
        self.answer(&turn, opening).await
    }

    async fn retry(&self, thread_id: &str, item_id: &str) -> Result<Response, Problem> {
        let thread = self.transcript(thread_id)?;
        let conversation = thread.conversation;
        let spot = self.names.spot(conversation, item_id)?;
        if spot.block.is_some() {
            let detail = "item_id: only a message of the person's can be answered again";
            return Err(Problem::invalid(detail));
        }
        let said = thread.message(spot).await?;
        let text = said.text.parse();
        let text = text.map_err(|error| Problem::invalid(format!("item_id: {error}")))?;
        let kind = Kind::Again {
            message: spot.message,
        };
        let turn = self.turn(Some(conversation), text, kind)?;
        let opening = async |_: &Answer| Ok(vec![Event::OPTIONS]);
        self.answer(&turn, opening).await
    }

    async fn threads(&self, paging: &request::Paging) -> Result<Page<Thread>, Problem> {
        let (app, user) = (&self.server.app, self.user.id());
        let limit = paging.limit(THREADS_MAX)?;
        let after = paging.after.as_deref();
        let after = after.map(|id| self.names.conversation(id)).transpose()?;
        let found = match paging.order.unwrap_or_default() {
            Order::Desc => app.conversations(user, after, limit + 1).await?,
            Order::Asc => {
                let after = after.unwrap_or(ConversationId(0));
                app.conversations_after(user, after, limit + 1).await?
            }
        };
        let has_more = found.len() > limit as usize;
        let data: Vec<Thread> = found
            .into_iter()
            .take(limit as usize)
            .map(|conversation| thread(&self.names, conversation))
            .collect();
        let last = data.last().filter(|_| has_more);
        Ok(Page {
            after: last.map(|last| last.id.clone()),
            has_more,
            data,
        })
    }

    /// Takes note of what somebody thinks of items.
    async fn judge(&self, judge: &Judge) -> Result<Empty, Problem> {
        const ITEMS_MAX: usize = 100;
        let thread = self.transcript(&judge.thread_id)?;
        if judge.item_ids.is_empty() || judge.item_ids.len() > ITEMS_MAX {
            let detail = format!("item_ids: name 1 to {ITEMS_MAX} items");
            return Err(Problem::invalid(detail));
        }
        for id in &judge.item_ids {
            let spot = self.names.spot(thread.conversation, id)?;
            thread.message(spot).await?;
        }
        // Words of a conversation stay out of the log.
        let (kind, items) = (judge.kind, judge.item_ids.len());
        tracing::info!(?kind, items, request_id = self.request_id, "feedback");
        Ok(Empty {})
    }

    /// The widget that an action comes from, if it can come from there.
    async fn acted(&self, act: Act) -> Result<Acted, Problem> {
        let thread = self.transcript(&act.thread_id)?;
        // Whose thread it is comes before what is wrong with the rest.
        thread.thread().await?;
        let Some(item_id) = act.item_id else {
            let detail = "item_id: say which widget this comes from";
            return Err(Problem::invalid(detail));
        };
        let spot = self.names.spot(thread.conversation, &item_id)?;
        let message = thread.message(spot).await?;
        let n = spot.block.ok_or_else(no_such_widget)?;
        let (at, reply) = (message.created_at, Reply::from(message));
        let block = &reply.content.blocks[n];
        let action: Action = from_value(act.action)?;
        match (&action, block) {
            (
                Action::SetCompleted { task_id, .. } | Action::Delete { task_id },
                Block::Tasks { task_ids, .. },
            ) if task_ids.contains(task_id) => {}
            (Action::SetCompleted { task_id, .. } | Action::Delete { task_id }, _) => {
                return Err(Problem::no_such_task(&task_id.to_string()));
            }
            (Action::Undo { change_id: asked }, Block::Receipt { change_id, .. })
                if asked == change_id => {}
            (Action::Answer { answer }, Block::Question { .. })
                if widget::answers(block)
                    .iter()
                    .any(|(known, _)| known == answer) => {}
            (Action::Approve { .. }, Block::Approval { .. }) => {}
            _ => return Err(no_such_widget()),
        }
        Ok(Acted {
            thread,
            reply,
            n,
            at,
            action,
        })
    }

    async fn act(&self, act: Act) -> Result<Response, Problem> {
        let acted = self.acted(act).await?;
        let conversation = Some(acted.thread.conversation);
        let proposal = acted.reply.message;
        let (text, kind) = match &acted.action {
            Action::Answer { answer } => (answer.clone(), Kind::Words),
            Action::Approve { approve } => {
                let approved = if *approve {
                    Approved::All
                } else {
                    Approved::Nothing
                };
                (approved.words(), Kind::Approval { proposal, approved })
            }
            Action::SetCompleted { .. } | Action::Delete { .. } | Action::Undo { .. } => {
                let done = self.done(&acted).await;
                let events = done.map(|events| at_once(&events));
                return events.or_else(refused);
            }
        };
        if matches!(acted.action, Action::Answer { .. }) && !acted.waits().await? {
            let detail = "this question was answered, or something else was said since";
            let item = acted.item().await?;
            let events = [
                Event::OPTIONS,
                Event::Replaced { item },
                Event::error(detail, false),
            ];
            return Ok(at_once(&events));
        }
        let text = text
            .parse()
            .map_err(|error| Problem::invalid(format!("action: {error}")))?;
        let turn = self.turn(conversation, text, kind)?;
        let opening = async |answer: &Answer| {
            let item = answer.asked();
            Ok(vec![Event::OPTIONS, Event::Done { item }])
        };
        self.answer(&turn, opening).await
    }

    async fn act_at_once(&self, act: Act) -> Result<Updated, Problem> {
        let acted = self.acted(act).await?;
        let command = acted.command().ok_or_else(|| {
            Problem::invalid("this action is answered by a stream; send threads.custom_action")
        })?;
        match self.change(&command).await {
            Ok(_) => {}
            // The widget says that it is gone.
            Err(app::Error::Refused(refusal)) if is_stale(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
        let updated_item = acted.item().await?;
        Ok(Updated { updated_item })
    }

    /// Runs the command of an action. The tasks that it has changed.
    async fn change(&self, command: &Command) -> Result<Vec<TaskId>, app::Error> {
        let origin = Origin::person(Door::Chat, self.request_id.clone());
        let outcome = self.server.app.run(self.user.id(), command, origin).await?;
        Ok(match outcome {
            Outcome::Changed(receipt) => receipt.tasks().map(|(task, ..)| task.id).collect(),
            _ => Vec::new(),
        })
    }

    /// Does what was asked of a widget, and says what came of it.
    async fn done(&self, acted: &Acted) -> Result<Vec<Event>, Problem> {
        let mut events = vec![Event::OPTIONS];
        let mut changed = Vec::new();
        let command = acted.command().ok_or_else(no_such_widget)?;
        match self.change(&command).await {
            Ok(tasks) => changed = tasks,
            Err(app::Error::Refused(refusal)) => {
                let done_before =
                    matches!(command, Command::DeleteTask(_) | Command::UndoChange(_))
                        && is_stale(&refusal);
                if !done_before {
                    events.push(Event::Notice {
                        level: "warning",
                        message: markdown::literal(&refusal.to_string()),
                    });
                }
            }
            Err(error) => return Err(error.into()),
        }
        let sender = acted.item().await?;
        let others = acted.thread.changed(None, &changed, false).await?;
        let others = others.into_iter().filter(|other| other.id != sender.id);
        let others: Vec<Item> = others.collect();
        let items = [sender].into_iter().chain(others);
        events.extend(items.map(|item| Event::Replaced { item }));
        if !changed.is_empty() {
            events.push(Event::tasks_changed(command.name()));
        }
        Ok(events)
    }
}

impl Acted {
    /// What is to be changed. `None` if something is to be said instead.
    fn command(&self) -> Option<Command> {
        Some(match self.action {
            Action::SetCompleted {
                task_id,
                completed: true,
            } => Command::CompleteTask(CompleteTask { task_id }),
            Action::SetCompleted {
                task_id,
                completed: false,
            } => Command::ReopenTask(ReopenTask { task_id }),
            Action::Delete { task_id } => Command::DeleteTask(DeleteTask { task_id }),
            Action::Undo { change_id } => Command::UndoChange(UndoChange {
                change_id: Some(change_id),
            }),
            Action::Answer { .. } | Action::Approve { .. } => return None,
        })
    }

    /// Whether it is the last that was said.
    async fn waits(&self) -> Result<bool, Problem> {
        Ok(self.thread.latest().await? == self.reply.message)
    }

    /// The widget as it is now.
    async fn item(&self) -> Result<Item, Problem> {
        let latest = self.thread.latest().await?;
        let blocks = std::slice::from_ref(&self.reply.content.blocks[self.n]);
        let sight = self.thread.sight_of(blocks, latest).await?;
        let item = self.thread.item(&sight, &self.reply, self.n, self.at);
        match item.what {
            What::Widget { .. } => Ok(item),
            _ => Err(no_such_widget()),
        }
    }
}

/// Whether it only says that what was asked for is so already, or that the task is gone.
fn is_stale(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NoSuchTask(_) | Refusal::InTrash(_) | Refusal::AlreadyUndone(..)
    )
}

fn no_such_widget() -> Problem {
    Problem::invalid("action: this item has no such action")
}
